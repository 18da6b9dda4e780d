package memstore

import (
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// systemFlags are the flags that begin with a backslash and that a client may
// set, RFC 3501, section 2.3.2.
var systemFlags = []imap.Flag{
	imap.FlagAnswered, imap.FlagFlagged, imap.FlagDeleted, imap.FlagSeen, imap.FlagDraft,
}

// compareFlags orders flags without regard to case.
func compareFlags(a, b imap.Flag) int {
	return strings.Compare(strings.ToLower(string(a)), strings.ToLower(string(b)))
}

func hasFlag(flags []imap.Flag, flag imap.Flag) bool {
	return slices.ContainsFunc(flags, func(f imap.Flag) bool { return strings.EqualFold(string(f), string(flag)) })
}

// checkFlags returns flags in order and without repetition. A flag that no
// client may set, or that is no flag, is a BAD.
func checkFlags(flags []imap.Flag) ([]imap.Flag, error) {
	out := make([]imap.Flag, 0, len(flags))
	for _, f := range flags {
		if strings.HasPrefix(string(f), `\`) && !hasFlag(systemFlags, f) {
			return nil, bad("%s is not a flag that can be set", printable(string(f)))
		}
		if strings.ContainsFunc(string(f), func(r rune) bool { return r < ' ' || r > '~' }) {
			return nil, bad("a keyword has octets outside US-ASCII")
		}
		if !hasFlag(out, f) {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, compareFlags)
	return out, nil
}

// apply returns what STORE makes of a message's flags. The result is new
// unless nothing changed.
func apply(old []imap.Flag, op imap.StoreFlagsOp, flags []imap.Flag) []imap.Flag {
	switch op {
	case imap.StoreFlagsAdd:
		return withFlags(old, flags)
	case imap.StoreFlagsDel:
		return withoutFlags(old, flags)
	default:
		// A keyword keeps the spelling it had.
		return withFlags(withoutFlags(old, withoutFlags(old, flags)), flags)
	}
}

func withFlags(old, add []imap.Flag) []imap.Flag {
	add = withoutFlags(add, old)
	if len(add) == 0 {
		return old
	}
	out := slices.Concat(old, add)
	slices.SortFunc(out, compareFlags)
	return out
}

// withoutFlags returns the flags of old that are not in del.
func withoutFlags(old, del []imap.Flag) []imap.Flag {
	out := make([]imap.Flag, 0, len(old))
	for _, f := range old {
		if !hasFlag(del, f) {
			out = append(out, f)
		}
	}
	return out
}

// flagsInUse returns the flags that FLAGS announces: the system flags and the
// keywords of the messages.
func (mbox *mailbox) flagsInUse() []imap.Flag {
	out := slices.Clone(systemFlags)
	for _, m := range mbox.msgs {
		for _, f := range m.flags {
			if !hasFlag(out, f) {
				out = append(out, f)
			}
		}
	}
	slices.SortFunc(out, compareFlags)
	return out
}
