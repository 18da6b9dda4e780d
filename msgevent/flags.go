package msgevent

import (
	"strings"

	"github.com/emersion/go-imap/v2"
)

// parseFlags parses a flagNames parameter: flags separated by single spaces.
// It reports false if one of them is none.
func parseFlags(s string) ([]imap.Flag, bool) {
	flags := make([]imap.Flag, 0, strings.Count(s, " ")+1)
	for name := range strings.SplitSeq(s, " ") {
		if !validFlag(name) {
			return nil, false
		}
		flags = append(flags, imap.Flag(name))
	}
	return flags, true
}

// validFlag reports whether s is
//
//	flag           = "\Answered" / "\Flagged" / "\Deleted" /
//	                 "\Seen" / "\Draft" / flag-keyword / flag-extension
//	                 ; Does not include "\Recent"
//	flag-keyword   = atom
//	flag-extension = "\" atom
//
// RFC 3501, section 9.
func validFlag(s string) bool {
	if strings.EqualFold(s, `\Recent`) {
		return false // RFC 5423, section 4.2, too
	}
	s = strings.TrimPrefix(s, `\`)
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7F || strings.IndexByte(`(){%*"\]`, s[i]) >= 0 {
			return false
		}
	}
	return s != ""
}
