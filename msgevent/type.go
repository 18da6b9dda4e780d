package msgevent

import (
	"fmt"
	"iter"
	"strings"
)

// Type is the name of an event: one of the registered names of RFC 5423,
// section 4, a vendor name starting with "vnd." (section 6), or, from a
// decoded message only, any other name the sender used. The zero value names
// no event.
type Type string

// The events of RFC 5423, section 4, in the order of the text.
const (
	TypeMessageAppend      = Type("MessageAppend")      // section 4.1
	TypeMessageExpire      = Type("MessageExpire")      // section 4.1
	TypeMessageExpunge     = Type("MessageExpunge")     // section 4.1
	TypeMessageNew         = Type("MessageNew")         // section 4.1
	TypeQuotaExceed        = Type("QuotaExceed")        // section 4.1
	TypeQuotaWithin        = Type("QuotaWithin")        // section 4.1
	TypeQuotaChange        = Type("QuotaChange")        // section 4.1
	TypeMessageRead        = Type("MessageRead")        // section 4.2
	TypeMessageTrash       = Type("MessageTrash")       // section 4.2
	TypeFlagsSet           = Type("FlagsSet")           // section 4.2
	TypeFlagsClear         = Type("FlagsClear")         // section 4.2
	TypeLogin              = Type("Login")              // section 4.3
	TypeLogout             = Type("Logout")             // section 4.3
	TypeMailboxCreate      = Type("MailboxCreate")      // section 4.4
	TypeMailboxDelete      = Type("MailboxDelete")      // section 4.4
	TypeMailboxRename      = Type("MailboxRename")      // section 4.4
	TypeMailboxSubscribe   = Type("MailboxSubscribe")   // section 4.4
	TypeMailboxUnSubscribe = Type("MailboxUnSubscribe") // section 4.4
)

// types is the table ParseType, Types and Group read.
var types = [...]struct {
	typ   Type
	group Group
}{
	{TypeMessageAppend, GroupMessage},
	{TypeMessageExpire, GroupMessage},
	{TypeMessageExpunge, GroupMessage},
	{TypeMessageNew, GroupMessage},
	{TypeQuotaExceed, GroupMessage},
	{TypeQuotaWithin, GroupMessage},
	{TypeQuotaChange, GroupMessage},
	{TypeMessageRead, GroupFlags},
	{TypeMessageTrash, GroupFlags},
	{TypeFlagsSet, GroupFlags},
	{TypeFlagsClear, GroupFlags},
	{TypeLogin, GroupAccess},
	{TypeLogout, GroupAccess},
	{TypeMailboxCreate, GroupMailbox},
	{TypeMailboxDelete, GroupMailbox},
	{TypeMailboxRename, GroupMailbox},
	{TypeMailboxSubscribe, GroupMailbox},
	{TypeMailboxUnSubscribe, GroupMailbox},
}

// Types yields the registered events in the order of RFC 5423, section 4.
func Types() iter.Seq[Type] {
	return func(yield func(Type) bool) {
		for i := range types {
			if !yield(types[i].typ) {
				return
			}
		}
	}
}

// ParseType returns the Type of an event name. The registered names are found
// in any case and returned in the registered spelling. Vendor names, which
// start with "vnd.", are returned as they came if they are printable US-ASCII
// without spaces (RFC 5423, section 3). Every other name is a [*TypeError].
func ParseType(name string) (Type, error) {
	if t, ok := registered(name); ok {
		return t, nil
	}
	if len(name) < len(vendorPrefix) || !strings.EqualFold(name[:len(vendorPrefix)], vendorPrefix) {
		return "", &TypeError{Name: name, Expected: `a registered name or a vendor name ("vnd.")`}
	}
	if len(name) == len(vendorPrefix) || !validName(name) {
		return "", &TypeError{Name: name, Expected: wantName + ` after "vnd."`}
	}
	return Type(name), nil
}

// registered finds a registered event in any case. The length keeps out
// letters beyond US-ASCII that fold to one of it, which are longer in UTF-8.
func registered(name string) (Type, bool) {
	for i := range types {
		if t := string(types[i].typ); len(name) == len(t) && strings.EqualFold(name, t) {
			return types[i].typ, true
		}
	}
	return "", false
}

// TypeError says why a name does not name an event.
type TypeError struct {
	// Name is the name as given.
	Name string
	// Expected is what an event name looks like.
	Expected string
}

// Error implements the error interface.
func (e *TypeError) Error() string {
	return fmt.Sprintf("msgevent: event name %q: expected %s", e.Name, e.Expected)
}

const (
	// vendorPrefix starts the names of vendor events and parameters (RFC
	// 5423, section 6).
	vendorPrefix = "vnd."

	wantName = "printable US-ASCII without spaces"
)

// validName reports whether s may name an event or a parameter: "restricted to
// US-ASCII printable characters" (RFC 5423, section 3).
func validName(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7F {
			return false
		}
	}
	return s != ""
}
