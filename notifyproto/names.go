package notifyproto

import (
	"unicode/utf8"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// nameSet is a set of mailbox names. Finding one takes no longer if there are
// more: a server asks for every change in every mailbox, of commands that may
// name thousands.
type nameSet struct {
	list  []string // in order, each once
	exact map[string]struct{}
	inbox map[string]struct{} // what follows INBOX, in any case, in those that start so
}

func newNameSet(names []string) nameSet {
	s := nameSet{list: unique(names), exact: make(map[string]struct{}, len(names)), inbox: make(map[string]struct{})}
	for _, name := range s.list {
		s.exact[name] = struct{}{}
		if startsWithInbox(name) {
			s.inbox[name[len(inbox):]] = struct{}{}
		}
	}
	return s
}

// has reports whether a mailbox is in s.
func (s nameSet) has(mailbox string, delim rune) bool {
	if _, ok := s.exact[mailbox]; ok {
		return true
	}
	if !hasInbox(mailbox, delim) {
		return false
	}
	_, ok := s.inbox[mailbox[len(inbox):]]
	return ok
}

// hasAbove reports whether a mailbox or one that it is below of is in s.
func (s nameSet) hasAbove(mailbox string, delim rune) bool {
	if s.has(mailbox, delim) {
		return true
	}
	if delim == 0 {
		return false
	}
	for i, r := range mailbox {
		if r == delim && i > 0 && s.has(mailbox[:i], delim) {
			return true
		}
	}
	return false
}

// unique returns the values of list in order, each once, in a slice of its own.
func unique[T comparable](list []T) []T {
	var out []T
	seen := make(map[T]struct{}, len(list))
	for _, v := range list {
		if _, ok := seen[v]; !ok {
			seen[v] = struct{}{}
			out = append(out, v)
		}
	}
	return out
}

// sameMailbox reports whether two names are those of one mailbox. INBOX has no
// case, neither as a name nor as the first part of one.
//
// RFC 3501, section 5.1.
func sameMailbox(a, b string, delim rune) bool {
	if a == b {
		return true
	}
	return len(a) == len(b) && hasInbox(a, delim) && hasInbox(b, delim) && a[len(inbox):] == b[len(inbox):]
}

const inbox = "INBOX"

// hasInbox reports whether the first part of name is INBOX in any case.
func hasInbox(name string, delim rune) bool {
	if !startsWithInbox(name) {
		return false
	}
	if len(name) == len(inbox) {
		return true
	}
	r, _ := utf8.DecodeRuneInString(name[len(inbox):])
	return delim != 0 && r == delim
}

func startsWithInbox(name string) bool {
	return len(name) >= len(inbox) && imapsyntax.EqualFold(name[:len(inbox)], inbox)
}
