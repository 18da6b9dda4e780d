package imapurl_test

import (
	"errors"
	"fmt"

	"github.com/golemonade/lemonade/msgevent/imapurl"
)

func ExampleParse() {
	u, err := imapurl.Parse("imap://imap.example.org/user/alice/Entw%C3%BCrfe;UIDVALIDITY=1795311660/;UID=7")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(u.Host, u.Mailbox, u.UIDValidity, u.UID)
	// Output: imap.example.org user/alice/Entwürfe 1795311660 7
}

func ExampleParse_refused() {
	_, err := imapurl.Parse("imap://imap.example.org/INBOX?UNSEEN")
	var syntax *imapurl.SyntaxError
	if errors.As(err, &syntax) {
		fmt.Println(syntax.Offset, syntax.Unsupported)
	}
	fmt.Println(err)
	// Output:
	// 29 a search
	// imapurl: offset 29: not supported: a search
}

func ExampleURL_AppendText() {
	u := imapurl.URL{User: "alice", Host: "2001:db8::7", Port: 143, Mailbox: "Gray council?"}
	b, err := u.AppendText(nil)
	fmt.Println(string(b), err)
	// Output: imap://alice@[2001:db8::7]:143/Gray%20council%3F <nil>
}
