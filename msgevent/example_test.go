package msgevent_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/golemonade/lemonade/msgevent"
)

// What Cyrus IMAP sends is read as it is.
func Example() {
	message := []byte(`{"event":"FlagsSet","timestamp":"2026-11-22T01:40:49.955Z","service":"imap",` +
		`"mailboxID":"1pyj9enag4vky8ez9zalp1f2","uri":"imap://imap.example.org/user/alice;UIDVALIDITY=1795311644",` +
		`"messages":14,"uidnext":15,"uidset":"2,4,6:8","flagNames":"\\Answered Todo","user":"alice","vnd.cmu.mbtype":"e"}`)

	var e msgevent.Event
	if err := json.Unmarshal(message, &e); err != nil {
		fmt.Println(err)
		return
	}
	mailbox, err := e.Mailbox()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Type, "in", mailbox.Mailbox, mailbox.UIDValidity)
	fmt.Println(e.Flags, "on", e.UIDs)
	fmt.Println(e.Extensions[0].Name, string(e.Extensions[0].Value))
	// Output:
	// FlagsSet in user/alice 1795311644
	// [\Answered Todo] on 2,4,6:8
	// vnd.cmu.mbtype "e"
}

func ExampleEvent_AppendJSON() {
	messages := uint32(3)
	e := msgevent.Event{
		Type:      msgevent.TypeMessageExpunge,
		URI:       "imap://imap.example.org/INBOX;UIDVALIDITY=9",
		Timestamp: time.Date(2026, 11, 22, 1, 40, 49, 0, time.UTC),
		User:      "alice",
		UIDs:      imap.UIDSetNum(1, 2, 3, 7),
		Messages:  &messages,
	}
	b, err := e.AppendJSON(nil)
	fmt.Println(string(b), err)
	// Output:
	// {"event":"MessageExpunge","timestamp":"2026-11-22T01:40:49.000Z","uri":"imap://imap.example.org/INBOX;UIDVALIDITY=9","messages":3,"uidset":"1:3,7","user":"alice"} <nil>
}

func ExampleEvent_UnmarshalJSON() {
	var e msgevent.Event
	err := json.Unmarshal([]byte(`{"event":"MessageNew","messages":-1}`), &e)
	var parameter *msgevent.ParameterError
	if errors.As(err, &parameter) {
		fmt.Println(parameter.Name, "at", parameter.Offset)
	}
	fmt.Println(err)
	// Output:
	// messages at 33
	// msgevent: offset 33: member "messages": expected a whole number from 0 to 4294967295
}

func ExampleParseType() {
	for _, name := range []string{"messagenew", "vnd.cmu.MessageCopy", "AclChange"} {
		t, err := msgevent.ParseType(name)
		fmt.Println(t, t.Group(), err)
	}
	// Output:
	// MessageNew message <nil>
	// vnd.cmu.MessageCopy unknown <nil>
	//  unknown msgevent: event name "AclChange": expected a registered name or a vendor name ("vnd.")
}

func ExampleTypes() {
	names := slices.Collect(msgevent.Types())
	fmt.Println(len(names), names[0], names[len(names)-1])
	// Output: 18 MessageAppend MailboxUnSubscribe
}
