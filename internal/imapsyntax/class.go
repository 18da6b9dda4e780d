package imapsyntax

// Class is a set of octets, or several: a union of the constants below. The
// zero Class is empty.
type Class uint16

// The classes, RFC 3501, section 9. None but ClassCTL holds NUL, and none
// holds an 8-bit octet.
const (
	// ClassChar is CHAR = %x01-7F (RFC 5234, appendix B.1).
	ClassChar Class = 1 << iota
	// ClassCTL is CTL = %x00-1F / %x7F (RFC 5234, appendix B.1).
	ClassCTL
	// ClassDigit is DIGIT = %x30-39 (RFC 5234, appendix B.1).
	ClassDigit
	// ClassListWildcard is list-wildcards = "%" / "*".
	ClassListWildcard
	// ClassQuotedSpecial is quoted-specials = DQUOTE / "\".
	ClassQuotedSpecial
	// ClassRespSpecial is resp-specials = "]".
	ClassRespSpecial
	// ClassAtom is ATOM-CHAR = <any CHAR except atom-specials>.
	ClassAtom
	// ClassAString is ASTRING-CHAR = ATOM-CHAR / resp-specials.
	ClassAString
	// ClassList is list-char = ATOM-CHAR / list-wildcards / resp-specials.
	ClassList
	// ClassTag is <any ASTRING-CHAR except "+">, the octets of a tag.
	ClassTag
	// ClassText is TEXT-CHAR = <any CHAR except CR and LF>.
	ClassText
	// ClassQuoted is <any TEXT-CHAR except quoted-specials>: the octets that
	// stand in a quoted string without a backslash before them.
	ClassQuoted
)

// classes holds the classes of every octet.
var classes = func() (t [256]Class) {
	for i := range t {
		t[i] = classesOf(byte(i))
	}
	return t
}()

func classesOf(c byte) (k Class) {
	if c <= 0x1f || c == 0x7f {
		k |= ClassCTL
	}
	if c == 0 || c > 0x7f {
		return k
	}
	k |= ClassChar
	switch {
	case c >= '0' && c <= '9':
		k |= ClassDigit
	case c == '%' || c == '*':
		k |= ClassListWildcard
	case c == '"' || c == '\\':
		k |= ClassQuotedSpecial
	case c == ']':
		k |= ClassRespSpecial
	}
	// atom-specials = "(" / ")" / "{" / SP / CTL / list-wildcards /
	//                 quoted-specials / resp-specials
	special := c == '(' || c == ')' || c == '{' || c == ' ' ||
		k&(ClassCTL|ClassListWildcard|ClassQuotedSpecial|ClassRespSpecial) != 0
	if !special {
		k |= ClassAtom
	}
	if k&(ClassAtom|ClassRespSpecial) != 0 {
		k |= ClassAString
	}
	if k&(ClassAString|ClassListWildcard) != 0 {
		k |= ClassList
	}
	if k&ClassAString != 0 && c != '+' {
		k |= ClassTag
	}
	if c != '\r' && c != '\n' {
		k |= ClassText
		if k&ClassQuotedSpecial == 0 {
			k |= ClassQuoted
		}
	}
	return k
}

// Is reports whether c is in class.
func Is(c byte, class Class) bool {
	return classes[c]&class != 0
}

// span returns how many leading octets of s are in class.
func span[T ~string | ~[]byte](s T, class Class) int {
	n := 0
	for n < len(s) && classes[s[n]]&class != 0 {
		n++
	}
	return n
}

// EqualFold reports whether s is word in any case. Only US-ASCII letters have
// a case here: unlike [strings.EqualFold] it never takes U+212A for "k" or
// U+017F for "s".
func EqualFold[T ~string | ~[]byte](s T, word string) bool {
	if len(s) != len(word) {
		return false
	}
	for i := range len(word) {
		if lower(s[i]) != lower(word[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
