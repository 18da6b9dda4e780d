package notifyproto_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/golemonade/lemonade/notifyproto"
)

// A client asks for changes in the selected mailbox and below one other.
func ExampleAppendCommand() {
	set := notifyproto.Set{
		Status: true,
		Groups: []notifyproto.EventGroup{{
			Mailboxes: notifyproto.Selected{},
			Events: []notifyproto.Event{
				notifyproto.MessageNew{Fetch: []notifyproto.FetchAtt{"UID", "FLAGS"}},
				notifyproto.MessageExpunge{},
			},
		}, {
			Mailboxes: notifyproto.Subtree{"Entwürfe"},
			Events:    []notifyproto.Event{notifyproto.MessageNew{}, notifyproto.MessageExpunge{}},
		}},
	}
	if err := set.Validate(); err != nil {
		fmt.Println(err)
		return
	}
	b, err := notifyproto.AppendCommand([]byte("a1 "), set, nil)
	fmt.Printf("%s %v\n", b, err)
	// Output:
	// a1 NOTIFY SET STATUS (selected (MessageNew (UID FLAGS) MessageExpunge)) (subtree Entw&APw-rfe (MessageNew MessageExpunge)) <nil>
}

// A server answers commands: the frame, the grammar, the rules, what it
// supports.
func ExampleStatusError() {
	client := "a NOTIFY SET (selected (MessageNew MessageExpunge))\r\n" +
		"b NOTIFY SET (bogus NONE)\r\n" +
		"c NOTIFY SET (selected (MessageNew))\r\n" +
		"d NOTIFY SET (personal (MailboxName))\r\n"
	fr := notifyproto.NewFrameReader(bufio.NewReader(strings.NewReader(client)))
	for {
		frame, err := fr.ReadFrame()
		if err == io.EOF {
			return
		}
		tag, _, command, err := notifyproto.CutCommand(frame)
		if err != nil {
			fmt.Println(err)
			return
		}
		cmd, err := notifyproto.ParseCommand(command, nil)
		if set, ok := cmd.(notifyproto.Set); ok {
			err = errors.Join(set.Validate(), set.CheckEvents("MessageNew", "MessageExpunge"))
		}
		if resp := notifyproto.StatusError(err); resp != nil {
			fmt.Println(tag, resp.Type, resp.Code, resp.Text)
			continue
		}
		fmt.Println(tag, "OK")
	}
	// Output:
	// a OK
	// b BAD  Expected filter-mailboxes at octet 12 (RFC 5465, section 8)
	// c BAD  NOTIFY event group 1: MessageNew without MessageExpunge (RFC 5465, section 5)
	// d NO BADEVENT (MessageNew MessageExpunge) Unsupported event: MailboxName
}

// A client reads what comes.
func ExampleParseResponse() {
	for _, line := range []string{
		"* STATUS Entw&APw-rfe (MESSAGES 501 UIDNEXT 10000)",
		`* LIST () "/" "NewMailbox" ("OLDNAME" ("OldMailbox"))`,
		"* 127 FETCH (UID 127001 FLAGS ($Junk))",
		"* OK [NOTIFICATIONOVERFLOW] too much",
	} {
		r, err := notifyproto.ParseResponse([]byte(line), nil)
		if err != nil {
			fmt.Println(err)
			continue
		}
		switch r := r.(type) {
		case notifyproto.Status:
			n, _ := r.Value("MESSAGES")
			fmt.Println(r.Mailbox, "has", n, "messages")
		case notifyproto.List:
			fmt.Println(r.OldName, "is now", r.Mailbox)
		case notifyproto.Fetch:
			uid, _ := r.Value("UID")
			fmt.Printf("message %d is UID %s\n", r.Num, uid)
		case notifyproto.Overflow:
			fmt.Println("no more notifications")
		}
	}
	// Output:
	// Entwürfe has 501 messages
	// OldMailbox is now NewMailbox
	// message 127 is UID 127001
	// no more notifications
}

// A server asks what one change is worth to one client.
func ExampleMatcher_For() {
	cmd, err := notifyproto.ParseCommand([]byte("NOTIFY SET (selected-delayed (MessageNew (UID) MessageExpunge)) (mailboxes Trash NONE) (personal (MessageNew MessageExpunge))"), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	m := notifyproto.Compile(cmd)
	v := &notifyproto.View{Selected: "INBOX", Delim: '/'}
	for _, mailbox := range []string{"INBOX", "Sent", "Trash"} {
		g := m.For(v, mailbox)
		fmt.Println(mailbox, g.Events.Has(notifyproto.EventOf("MessageAppend")), g.Fetch, g.Delayed)
	}
	// Output:
	// INBOX true [UID] true
	// Sent true [] false
	// Trash false [] false
}
