package annotations

import (
	"strings"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// Scope is the first component of an entry name. It says who shares a value.
//
// RFC 5464, section 3.2.
type Scope string

// The scopes.
const (
	ScopePrivate Scope = "/private" // a value for each user
	ScopeShared  Scope = "/shared"  // one value for all who may access it
)

// Entry is an entry name in lower case, scope included, such as
// "/private/comment". Names differ in case only where people write them, so
// two entries are the same if they are equal.
//
// The zero value is no entry and not valid.
//
// RFC 5464, section 3.2.
type Entry string

// sectionEntry defines entry names.
const sectionEntry = "RFC 5464, section 3.2"

// ParseEntry returns the entry that a command names, in lower case. The error
// is an *[EntryError], to which the answer is BAD.
//
// A name starts with /private/ or /shared/, has no empty component, and no
// "*", "%", 8-bit octet or control character. The RFC's 0x00 to 0x19 is read as
// all control characters: the six after it are as "strongly discouraged", and
// no use for them is known. A name below /private/vendor or /shared/vendor has
// four components or more.
//
// RFC 5464, section 3.2.
func ParseEntry(name string) (Entry, error) {
	if err := checkEntry(name, false); err != nil {
		return "", err
	}
	return Entry(foldEntry(name)), nil
}

// ParseSpecifier does what [ParseEntry] does for GETMETADATA, where a name may
// also be that of a part of the tree that holds no value itself: "/private",
// "/shared/vendor" and "/shared/vendor/token" are accepted.
//
// RFC 5464, section 4.2.2.
func ParseSpecifier(name string) (Entry, error) {
	if err := checkEntry(name, true); err != nil {
		return "", err
	}
	return Entry(foldEntry(name)), nil
}

// Validate returns nil if e is what [ParseEntry] returns for some name, else an
// *[EntryError].
func (e Entry) Validate() error {
	if err := checkEntry(string(e), false); err != nil {
		return err
	}
	for i := range len(e) {
		if e[i] >= 'A' && e[i] <= 'Z' {
			return &EntryError{Entry: string(e), Offset: i, Want: "lower case", Section: sectionEntry}
		}
	}
	return nil
}

// Scope returns the scope of e, or "" if it has none.
func (e Entry) Scope() Scope {
	for _, scope := range []Scope{ScopePrivate, ScopeShared} {
		if e.Within(Entry(scope), DepthInfinity) {
			return scope
		}
	}
	return ""
}

// Within reports whether e is root, or lies below it and no deeper than depth
// says.
//
// RFC 5464, section 4.2.2.
func (e Entry) Within(root Entry, depth Depth) bool {
	rest, found := strings.CutPrefix(string(e), string(root))
	switch {
	case !found:
		return false
	case rest == "":
		return true
	case rest[0] != '/':
		return false
	case depth == DepthOne:
		return strings.IndexByte(rest[1:], '/') < 0
	}
	return depth == DepthInfinity
}

// checkEntry returns nil or an *EntryError. It is an error interface so that
// no nil pointer gets into one.
func checkEntry(name string, specifier bool) error {
	bad := func(offset int, want string) error {
		return &EntryError{Entry: name, Offset: offset, Want: want, Section: sectionEntry}
	}
	scope, rest, below := strings.Cut(strings.TrimPrefix(name, "/"), "/")
	if !strings.HasPrefix(name, "/") || !imapsyntax.EqualFold(scope, "private") && !imapsyntax.EqualFold(scope, "shared") {
		return bad(0, `"/private" or "/shared"`)
	}
	for i := range len(name) {
		switch c := name[i]; {
		case !imapsyntax.Is(c, imapsyntax.ClassChar) || imapsyntax.Is(c, imapsyntax.ClassCTL):
			return bad(i, "printable US-ASCII")
		case imapsyntax.Is(c, imapsyntax.ClassListWildcard):
			return bad(i, `no "*" or "%"`)
		case c == '/' && i+1 == len(name):
			return bad(i, `no "/" at the end`)
		case c == '/' && name[i+1] == '/':
			return bad(i+1, `no "//"`)
		}
	}
	if specifier {
		return nil
	}
	if !below {
		return bad(len(name), `"/" and a component`)
	}
	first, _, _ := strings.Cut(rest, "/")
	if imapsyntax.EqualFold(first, "vendor") && strings.Count(name, "/") < 4 {
		return bad(len(name), "four components with vendor")
	}
	return nil
}

// foldEntry returns a name, which is US-ASCII, in lower case.
func foldEntry(name string) string {
	return strings.ToLower(name)
}
