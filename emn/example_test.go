package emn_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/golemonade/lemonade/emn"
)

func ExampleAppendXML() {
	n := &emn.Notification{
		Mailbox:   "mailat:joe@foo.com",
		Timestamp: time.Date(2004, 2, 20, 6, 40, 0, 0, time.UTC),
	}
	b, err := emn.AppendXML(nil, n, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", b)
	// Output:
	// <emn mailbox="mailat:joe@foo.com" timestamp="2004-02-20T06:40:00Z"/>
}

func ExampleAppendXML_extended() {
	n := &emn.Notification{
		Mailbox: "mailat:joe@foo.com",
		Extended: &emn.Extended{
			Event:   "MessageNew",
			View:    "INBOX",
			UID:     3141,
			Subject: "Lemons & limes",
			Text:    "Fresh today",
		},
	}
	b, err := emn.AppendXML(nil, n, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", b)
	// Output:
	// <xemn mailbox="mailat:joe@foo.com" event="MessageNew" view="INBOX" uid="3141" subject="Lemons &amp; limes">Fresh today</xemn>
}

func ExampleUnmarshal() {
	var n emn.Notification
	err := emn.Unmarshal([]byte(`<emn mailbox="mailat:joe@foo.com" timestamp="2004-02-20T06:40:00Z"/>`), &n, nil)
	fmt.Println(n.Mailbox, n.Timestamp.Format(time.Kitchen), n.Extended == nil, err)
	// Output:
	// mailat:joe@foo.com 6:40AM true <nil>
}

// A reader that has to live with what is sent tells its log about it.
func ExampleUnmarshal_lenient() {
	var n emn.Notification
	err := emn.Unmarshal([]byte(`<xemn mailbox="mailat:joe@foo.com" event="New Message"/>`), &n, &emn.ParseOptions{
		Lenient: true,
		Report:  func(i emn.Issue) { fmt.Println(i) },
	})
	fmt.Println(n.Extended.Event, err)
	// Output:
	// emn: offset 42: want an event name (RFC 5423, section 4): event="New Message"
	// MessageNew <nil>
}

func ExampleSyntaxError() {
	var n emn.Notification
	err := emn.Unmarshal([]byte(`<emn mailbox="&user;"/>`), &n, nil)
	var syntax *emn.SyntaxError
	if errors.As(err, &syntax) {
		fmt.Println(syntax.Offset, syntax.Want)
	}
	// Output:
	// 14 one of the five predefined entities
}

func ExampleNotification_Validate() {
	n := &emn.Notification{Mailbox: "mailat:joe@foo.com\x00"}
	fmt.Println(n.Validate())
	// Output:
	// emn: Mailbox: octet 18 is not part of a character XML allows
}
