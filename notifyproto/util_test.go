package notifyproto_test

import (
	"fmt"

	imap "github.com/emersion/go-imap/v2"
)

func typeName(v any) string { return fmt.Sprintf("%T", v) }

// uids returns the ranges from each first to each second UID.
func uids(bounds ...imap.UID) (set imap.UIDSet) {
	for i := 0; i < len(bounds); i += 2 {
		set = append(set, imap.UIDRange{Start: bounds[i], Stop: bounds[i+1]})
	}
	return set
}
