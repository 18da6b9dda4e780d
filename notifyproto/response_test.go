package notifyproto_test

import (
	"strings"
	"testing"

	imap "github.com/emersion/go-imap/v2"
	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/notifyproto"
)

type items = []notifyproto.StatusItem

// responses has responses with their values, and the form they are written in,
// if it is not the same.
var responses = []struct {
	source, line, canonical string
	value                   notifyproto.Response
}{
	{"RFC 5465, section 3.1", "* STATUS Lists/Lemonade (UIDVALIDITY 4 UIDNEXT 9999 MESSAGES 500)", "", notifyproto.Status{"Lists/Lemonade", items{{"UIDVALIDITY", 4, ""}, {"UIDNEXT", 9999, ""}, {"MESSAGES", 500, ""}}}},
	{"RFC 5465, section 3.1", "* STATUS Lists/Im2000 (UIDVALIDITY 901 UIDNEXT 1 MESSAGES 0)", "", notifyproto.Status{"Lists/Im2000", items{{"UIDVALIDITY", 901, ""}, {"UIDNEXT", 1, ""}, {"MESSAGES", 0, ""}}}},
	{"RFC 5465, section 3.1", "* STATUS Lists/Lemonade (UIDVALIDITY 4 UIDNEXT 10000 MESSAGES 501)", "", notifyproto.Status{"Lists/Lemonade", items{{"UIDVALIDITY", 4, ""}, {"UIDNEXT", 10000, ""}, {"MESSAGES", 501, ""}}}},
	{"RFC 5465, section 3.1", "* STATUS misc (UIDVALIDITY 1 UIDNEXT 999)", "", notifyproto.Status{"misc", items{{"UIDVALIDITY", 1, ""}, {"UIDNEXT", 999, ""}}}},
	{
		"RFC 5465, section 3.1; the literal has 75 octets there, for lines that are not printed",
		"* 127 FETCH (UID 127001 BODY[HEADER.FIELDS (From To Subject)] {75}\r\nSubject: Re: good morning\r\nFrom: alice@example.org\r\nTo: bob@example.org\r\n\r\n)", "",
		notifyproto.Fetch{127, []notifyproto.FetchItem{
			{"UID", []byte("127001")},
			{"BODY[HEADER.FIELDS (From To Subject)]", []byte("{75}\r\nSubject: Re: good morning\r\nFrom: alice@example.org\r\nTo: bob@example.org\r\n\r\n")},
		}},
	},
	{"RFC 5465, section 5.1", "* 99 FETCH (UID 9999 FLAGS ($Junk))", "", notifyproto.Fetch{99, []notifyproto.FetchItem{{"UID", []byte("9999")}, {"FLAGS", []byte("($Junk)")}}}},
	{"RFC 5465, section 5.1", "* STATUS Lists/Lemonade (HIGHESTMODSEQ 65666665 UIDVALIDITY 101)", "", notifyproto.Status{"Lists/Lemonade", items{{"HIGHESTMODSEQ", 65666665, ""}, {"UIDVALIDITY", 101, ""}}}},
	{"RFC 5465, section 5.2", "* 444 EXISTS", "", notifyproto.Exists{444}},
	{"RFC 5465, section 5.2", "* 444 FETCH (UID 9999)", "", notifyproto.Fetch{444, []notifyproto.FetchItem{{"UID", []byte("9999")}}}},
	{"RFC 5465, section 5.2", "* STATUS Lists/Lemonade (UIDNEXT 10002 MESSAGES 503)", "", notifyproto.Status{"Lists/Lemonade", items{{"UIDNEXT", 10002, ""}, {"MESSAGES", 503, ""}}}},
	{"RFC 5465, section 5.3", "* 444 EXPUNGE", "", notifyproto.Expunge{444}},
	{"RFC 5465, section 5.3", "* VANISHED 5444", "", notifyproto.Vanished{UIDs: uids(5444, 5444)}},
	{"RFC 5465, section 5.3", "* STATUS misc (UIDNEXT 999 MESSAGES 554)", "", notifyproto.Status{"misc", items{{"UIDNEXT", 999, ""}, {"MESSAGES", 554, ""}}}},
	{"RFC 5465, section 5.4", `* LIST () "/" "NewMailbox"`, `* LIST () "/" NewMailbox`, notifyproto.List{Delim: '/', Mailbox: "NewMailbox"}},
	{"RFC 5465, section 5.4", `* LIST (\NonExistent) "." "INBOX.DeletedMailbox"`, `* LIST (\NonExistent) "." INBOX.DeletedMailbox`, notifyproto.List{Attrs: []imap.MailboxAttr{imap.MailboxAttrNonExistent}, Delim: '.', Mailbox: "INBOX.DeletedMailbox"}},
	{"RFC 5465, section 5.4", `* LIST () "/" "NewMailbox" ("OLDNAME" ("OldMailbox"))`, `* LIST () "/" NewMailbox ("OLDNAME" (OldMailbox))`, notifyproto.List{Delim: '/', Mailbox: "NewMailbox", OldName: "OldMailbox"}},
	{"RFC 5465, section 8, note 1", `* LIST () "/" "NewMailbox" (OLDNAME ("OldMailbox"))`, `* LIST () "/" NewMailbox ("OLDNAME" (OldMailbox))`, notifyproto.List{Delim: '/', Mailbox: "NewMailbox", OldName: "OldMailbox"}},
	{"RFC 5465, section 5.5", `* LIST (\Subscribed) "/" "SubscribedMailbox"`, `* LIST (\Subscribed) "/" SubscribedMailbox`, notifyproto.List{Attrs: []imap.MailboxAttr{imap.MailboxAttrSubscribed}, Delim: '/', Mailbox: "SubscribedMailbox"}},
	{"RFC 5465, section 5.6", `* METADATA "INBOX" /shared/comment`, `* METADATA INBOX /shared/comment`, notifyproto.Metadata{Mailbox: "INBOX", Entries: []string{"/shared/comment"}}},
	{"RFC 5465, section 5.7", `* METADATA "" /shared/comment`, "", notifyproto.Metadata{Entries: []string{"/shared/comment"}}},
	{"RFC 5465, section 5.8", "* OK [NOTIFICATIONOVERFLOW] ...A comment can go here...", "", notifyproto.Overflow{"...A comment can go here..."}},
	{"RFC 5465, section 8: \\NoAccess", `* list (\noaccess \nonexistent) nil inbox`, `* LIST (\NoAccess \NonExistent) NIL INBOX`, notifyproto.List{Attrs: []imap.MailboxAttr{notifyproto.MailboxAttrNoAccess, imap.MailboxAttrNonExistent}, Mailbox: "INBOX"}},
	{"RFC 5465, section 3.1: other", "* OK [CAPABILITY IMAP4REV1 NOTIFY]", "", notifyproto.Other("* OK [CAPABILITY IMAP4REV1 NOTIFY]")},
	{"RFC 5465, section 7: other", `* ESEARCH (TAG "a00") ADDTO (0 93)`, "", notifyproto.Other(`* ESEARCH (TAG "a00") ADDTO (0 93)`)},

	{"RFC 9051, section 9: no text", "* ok [notificationoverflow] ", "* OK [NOTIFICATIONOVERFLOW] Notifications have stopped", notifyproto.Overflow{}},
	{"not to be lost: no text", "* OK [NOTIFICATIONOVERFLOW]", "* OK [NOTIFICATIONOVERFLOW] Notifications have stopped", notifyproto.Overflow{}},
	{"not to be lost: 8-bit text", "* OK [NOTIFICATIONOVERFLOW] \xc3\xbcber\xff", "* OK [NOTIFICATIONOVERFLOW] ?ber?", notifyproto.Overflow{"?ber?"}},
	{"a code that is longer", "* OK [NOTIFICATIONOVERFLOW 1] x", "", notifyproto.Other("* OK [NOTIFICATIONOVERFLOW 1] x")},
	{"not OK", "* NO [NOTIFICATIONOVERFLOW] x", "", notifyproto.Other("* NO [NOTIFICATIONOVERFLOW] x")},

	{"RFC 3501, section 7.2.4", "* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292)", "", notifyproto.Status{"blurdybloop", items{{"MESSAGES", 231, ""}, {"UIDNEXT", 44292, ""}}}},
	{"RFC 3501, section 9: status-att-list is optional", "* STATUS x ()", "", notifyproto.Status{Mailbox: "x"}},
	{"RFC 7162, section 7: 63 bits", "* STATUS x (HIGHESTMODSEQ 9223372036854775807 SIZE 9223372036854775807 DELETED 4294967295)", "", notifyproto.Status{"x", items{{"HIGHESTMODSEQ", 1<<63 - 1, ""}, {"SIZE", 1<<63 - 1, ""}, {"DELETED", 1<<32 - 1, ""}}}},
	{"RFC 8474, section 4.3; RFC 7889, section 4", "* STATUS x (MAILBOXID (F2212ea87-6097-4256-9d51-71338625) appendlimit NIL recent 3 x-y 5 big 9223372036854775808)", "* STATUS x (MAILBOXID (F2212ea87-6097-4256-9d51-71338625) APPENDLIMIT NIL RECENT 3 X-Y 5 BIG 9223372036854775808)", notifyproto.Status{"x", items{{"MAILBOXID", 0, "(F2212ea87-6097-4256-9d51-71338625)"}, {"APPENDLIMIT", 0, "NIL"}, {"RECENT", 3, ""}, {"X-Y", 5, ""}, {"BIG", 0, "9223372036854775808"}}}},
	{"QUIRK of Dovecot", "* STATUS {9}\r\nEntw\xc3\xbcrfe (MESSAGES 1)", "* STATUS Entw&APw-rfe (MESSAGES 1)", notifyproto.Status{"Entwürfe", items{{"MESSAGES", 1, ""}}}},
	{"RFC 3501, section 5.1.3", "* STATUS Entw&APw-rfe (MESSAGES 1)", "", notifyproto.Status{"Entwürfe", items{{"MESSAGES", 1, ""}}}},

	{"RFC 5258, section 5, example 8", `* LIST () "/" "foo2" ("CHILDINFO" ("SUBSCRIBED"))`, `* LIST () "/" foo2 ("CHILDINFO" ("SUBSCRIBED"))`, notifyproto.List{Delim: '/', Mailbox: "foo2", ChildInfo: []string{"SUBSCRIBED"}}},
	{"RFC 5258, section 6: other items", `* LIST (\Remote \X-y) "\"" {3}` + "\r\na\\b" + ` (childinfo ("subscribed" "x") oldname (a) "tablecloth" (("edge" "lacy") ("color" "red")) x-n 1:3,5)`, `* LIST (\Remote \X-y) "\"" "a\\b" ("OLDNAME" (a) "CHILDINFO" ("SUBSCRIBED" "X") TABLECLOTH (("edge" "lacy") ("color" "red")) X-N 1:3,5)`, notifyproto.List{
		Attrs: []imap.MailboxAttr{imap.MailboxAttrRemote, `\X-y`}, Delim: '"', Mailbox: `a\b`, OldName: "a", ChildInfo: []string{"SUBSCRIBED", "X"},
		Extended: []notifyproto.ExtendedItem{{"TABLECLOTH", []byte(`(("edge" "lacy") ("color" "red"))`)}, {"X-N", []byte("1:3,5")}},
	}},
	{"RFC 5258, section 6: no items", `* LIST () "/" a ()`, `* LIST () "/" a`, notifyproto.List{Delim: '/', Mailbox: "a"}},

	{"RFC 5464, section 4.4.1", `* METADATA "INBOX" (/private/comment "My comment" /shared/comment "Shared comment")`, `* METADATA INBOX (/private/comment "My comment" /shared/comment "Shared comment")`, notifyproto.Metadata{Mailbox: "INBOX", Values: []notifyproto.MetadataValue{{"/private/comment", []byte("My comment")}, {"/shared/comment", []byte("Shared comment")}}}},
	{"RFC 5464, section 4.4.2", `* METADATA "INBOX" /shared/comment /private/comment`, `* METADATA INBOX /shared/comment /private/comment`, notifyproto.Metadata{Mailbox: "INBOX", Entries: []string{"/shared/comment", "/private/comment"}}},
	{"RFC 5464, section 5: values", "* METADATA \"\" (/a NIL /b \"\" /c {4}\r\n\r\n\xff) /d ~{2}\r\n\x00\n /e \"nil\")", "", notifyproto.Metadata{Values: []notifyproto.MetadataValue{{"/a", nil}, {"/b", []byte{}}, {"/c", []byte("\r\n\xff)")}, {"/d", []byte("\x00\n")}, {"/e", []byte("nil")}}}},
	{"RFC 5464, section 5: entries are astrings", "* METADATA x \"/a b\" {2}\r\n/c", `* METADATA x "/a b" /c`, notifyproto.Metadata{Mailbox: "x", Entries: []string{"/a b", "/c"}}},

	{"RFC 3501, section 7.3", "* 0 exists", "* 0 EXISTS", notifyproto.Exists{0}},
	{"RFC 3501, section 7.3", "* 4294967295 RECENT", "", notifyproto.Recent{1<<32 - 1}},
	{"RFC 7162, section 3.2.10", "* VANISHED (EARLIER) 41,43:116,118,120:211,214:540", "", notifyproto.Vanished{true, uids(41, 41, 43, 116, 118, 118, 120, 211, 214, 540)}},
	{"RFC 3501, section 9: order and overlaps", "* vanished 9:7,3,1:2,8:12,4294967295", "* VANISHED 1:3,7:12,4294967295", notifyproto.Vanished{false, uids(1, 3, 7, 12, 1<<32-1, 1<<32-1)}},

	{"RFC 3501, section 7.4.2", `* 23 FETCH (FLAGS (\Seen) RFC822.SIZE 44827)`, "", notifyproto.Fetch{23, []notifyproto.FetchItem{{"FLAGS", []byte(`(\Seen)`)}, {"RFC822.SIZE", []byte("44827")}}}},
	{
		"RFC 3501, section 8: addresses side by side", `* 12 fetch (envelope ("x" NIL (("T\"G" NIL "gray" "cac")(NIL NIL "a" "b")) ()) body[header.fields (DATE)]<5> "x" binary[1]<0> ~{1}` + "\r\n\x00" + ` binary.size[1.2] 5 modseq (12121231777) x-gm-msgid 1)`,
		`* 12 FETCH (ENVELOPE ("x" NIL (("T\"G" NIL "gray" "cac")(NIL NIL "a" "b")) ()) BODY[HEADER.FIELDS (DATE)]<5> "x" BINARY[1]<0> ~{1}` + "\r\n\x00" + ` BINARY.SIZE[1.2] 5 MODSEQ (12121231777) X-GM-MSGID 1)`,
		notifyproto.Fetch{12, []notifyproto.FetchItem{
			{"ENVELOPE", []byte(`("x" NIL (("T\"G" NIL "gray" "cac")(NIL NIL "a" "b")) ())`)}, {"BODY[HEADER.FIELDS (DATE)]<5>", []byte(`"x"`)},
			{"BINARY[1]<0>", []byte("~{1}\r\n\x00")}, {"BINARY.SIZE[1.2]", []byte("5")}, {"MODSEQ", []byte("(12121231777)")}, {"X-GM-MSGID", []byte("1")},
		}},
	},
	{"other: text that looks like a literal", "* NO see {5}", "", notifyproto.Other("* NO see {5}")},
	{"other: a literal", "* XRESP {3}\r\n\x00\r\n x", "", notifyproto.Other("* XRESP {3}\r\n\x00\r\n x")},
	{"other: a literal in a code", "* NO [BADCHARSET ({5}\r\nUTF-8)] text {3}", "", notifyproto.Other("* NO [BADCHARSET ({5}\r\nUTF-8)] text {3}")},
	{"other: a number", "* 5 XFOO", "", notifyproto.Other("* 5 XFOO")},
	{"other: words that only begin alike", `* LISTX () "/" a`, "", notifyproto.Other(`* LISTX () "/" a`)},
}

func TestParseResponse(t *testing.T) {
	for _, tc := range responses {
		r, err := notifyproto.ParseResponse([]byte(tc.line), nil)
		require.NoError(t, err, tc.source)
		require.Equal(t, tc.value, r, tc.source)
		want := tc.canonical
		if want == "" {
			want = tc.line
		}
		b, err := notifyproto.AppendResponse([]byte("x"), r, nil)
		require.NoError(t, err, tc.source)
		require.Equal(t, "x"+want, string(b), tc.source)
	}
	r, err := notifyproto.ParseResponse([]byte(`* LIST () "ü" "Entwürfe" (OLDNAME (a&b))`), &notifyproto.Options{UTF8: true})
	require.NoError(t, err)
	require.Equal(t, notifyproto.List{Delim: 'ü', Mailbox: "Entwürfe", OldName: "a&b"}, r)
}

func TestParseResponseRefused(t *testing.T) {
	for line, reason := range map[string]string{
		"":                              "nothing",
		"* ":                            "nothing",
		"*":                             "nothing",
		"+ idling":                      "a continuation request",
		"a OK done":                     "tagged",
		"*  1 EXISTS":                   "two spaces",
		"* 1  EXISTS":                   "two spaces",
		"* 1 EXISTS ":                   "a space at the end",
		"* 4294967296 EXISTS":           "more than 32 bits",
		"* 0 EXPUNGE":                   "not nz-number",
		"* 0 FETCH (UID 1)":             "not nz-number",
		"* 1 FETCH ()":                  "no item",
		"* 1 FETCH (UID)":               "no value",
		"* 1 FETCH (UID 1":              "no end",
		"* 1 FETCH (UID (1)":            "no end",
		"* 1 FETCH (UID 1) ":            "a space at the end",
		"* 1 FETCH (UID (1 ))":          "a space too many",
		"* 1 FETCH (UID (\"a\"\"b\"))":  "only lists stand side by side",
		"* 1 FETCH (BODY[ \"\")":        "no end of section",
		"* 1 FETCH (FLAGS[1] \"\")":     "a section where none is",
		"* 1 FETCH (BODY[]<0.5> \"\")":  "a partial of requests",
		"* 1 FETCH (BODY[] {5}\r\nabc)": "a literal that ends too early",
		"* 1 FETCH (BODY[] \"\xe4\")":   "8-bit in a quoted string",
		"* 1 FETCH (X " + strings.Repeat("(", 100) + strings.Repeat(")", 100) + ")": "lists too deep",
		"* STATUS x":                                  "no list",
		"* STATUS x (MESSAGES)":                       "no value",
		"* STATUS x (MESSAGES 1 )":                    "a space too many",
		"* STATUS x (MESSAGES -1)":                    "no number",
		"* STATUS x (MESSAGES 4294967296)":            "more than 32 bits",
		"* STATUS x (UIDNEXT (1))":                    "no number",
		"* STATUS x (SIZE 9223372036854775808)":       "more than 63 bits",
		"* STATUS x (MESSAGES 1":                      "no end",
		"* STATUS x (MESSAGES 1) x":                   "something at the end",
		"* STATUS bad&name (MESSAGES 1)":              "not modified UTF-7, and no QUIRK",
		"* STATUS \"\xc3\xbc\" (MESSAGES 1)":          "UTF-8 in a quoted string is not what Dovecot does",
		"* STATUS {2}\r\n\xff\xff (MESSAGES 1)":       "not UTF-8",
		"* STATUS {4}\r\n\xc3\xbc\r\n (UNSEEN 1)":     "CRLF in a name",
		"* STATUS {1}\r\n& (MESSAGES 1)":              "not modified UTF-7, and no QUIRK",
		`* LIST () "/"`:                               "no mailbox",
		`* LIST (Subscribed) "/" a`:                   "no backslash",
		`* LIST (\) "/" a`:                            "no name",
		`* LIST ( ) "/" a`:                            "a space",
		`* LIST () "" a`:                              "no delimiter",
		`* LIST () "//" a`:                            "two delimiters",
		`* LIST () / a`:                               "not quoted",
		`* LIST () "/" a ("OLDNAME" "b")`:             "no parentheses",
		`* LIST () "/" a ("OLDNAME" (b) OLDNAME (c))`: "twice",
		`* LIST () "/" a ("OLDNAME" (""))`:            "no name",
		`* LIST () "/" a ("CHILDINFO" ())`:            "no option",
		`* LIST () "/" a ("CHILDINFO" (SUBSCRIBED))`:  "not quoted",
		`* LIST () "/" a ("CHILDINFO" ("a b"))`:       "no option",
		`* LIST () "/" a ("a b" (1))`:                 "no tag",
		`* LIST () "/" a (x)`:                         "no value",
		`* LIST () "/" a x`:                           "no list",
		`* METADATA INBOX`:                            "no entry",
		`* METADATA INBOX ()`:                         "no entry",
		`* METADATA INBOX (/a)`:                       "no value",
		`* METADATA INBOX (/a b)`:                     "a value that is an atom",
		`* METADATA INBOX "/a*"`:                      "a wildcard",
		`* METADATA INBOX a`:                          "no slash",
		`* METADATA INBOX ""`:                         "no slash",
		"* METADATA INBOX {3}\r\n/\r\n":               "CRLF in a name",
		"* METADATA INBOX /a  /b":                     "two spaces",
		"* VANISHED":                                  "no UIDs",
		"* VANISHED *":                                "known-uids has no *",
		"* VANISHED 1:*":                              "known-uids has no *",
		"* VANISHED 0":                                "no UID",
		"* VANISHED 1,":                               "no UID",
		"* VANISHED (LATER) 1":                        "not EARLIER",
		"* VANISHED (EARLIER)1":                       "no space",
		"* OK [NOTIFICATIONOVERFLOW]x":                "no space",
		"* OK [NOTIFICATIONOVERFLOW] a\rb":            "a CR",
		"* BYE a\r\n* 5 EXISTS":                       "two responses",
		"* XRESP {5}\r\nab":                           "a literal that ends too early",
		"* XRESP {2}":                                 "a literal that is not there",
		"* XRESP \x00":                                "a NUL",
		"* \"x\"":                                     "no atom",
	} {
		r, err := notifyproto.ParseResponse([]byte(line), nil)
		var syntax *notifyproto.SyntaxError
		require.ErrorAs(t, err, &syntax, "%q: %s", line, reason)
		require.Nil(t, r)
		require.LessOrEqual(t, syntax.Offset, len(line), line)
	}
}

func TestAppendResponseRefused(t *testing.T) {
	fetch := func(name, value string) notifyproto.Response {
		return notifyproto.Fetch{1, []notifyproto.FetchItem{{name, []byte(value)}}}
	}
	for reason, r := range map[string]notifyproto.Response{
		"nil":                       nil,
		"a pointer":                 &notifyproto.Exists{},
		"no number":                 notifyproto.Expunge{},
		"no number of a message":    notifyproto.Fetch{0, []notifyproto.FetchItem{{"UID", []byte("1")}}},
		"no items":                  notifyproto.Fetch{Num: 1},
		"no item name":              fetch("", "1"),
		"an item name of two":       fetch("UID 1 FLAGS", "()"),
		"no value":                  fetch("UID", ""),
		"two values":                fetch("UID", "1 2"),
		"half a value":              fetch("UID", "(1"),
		"half a literal":            fetch("BODY[]", "{9}\r\nabc"),
		"no status name":            notifyproto.Status{"x", items{{"", 1, ""}}},
		"too large":                 notifyproto.Status{"x", items{{"MESSAGES", 1 << 32, ""}}},
		"too large for any":         notifyproto.Status{"x", items{{"X", 1 << 63, ""}}},
		"raw where a number is":     notifyproto.Status{"x", items{{"messages", 1, "NIL"}}},
		"a number as raw":           notifyproto.Status{"x", items{{"X", 0, "1"}}},
		"two raw values":            notifyproto.Status{"x", items{{"X", 0, "a b"}}},
		"a name that is not UTF-8":  notifyproto.Status{"\xff", nil},
		"no attribute":              notifyproto.List{Attrs: []imap.MailboxAttr{""}, Mailbox: "x"},
		"an attribute without \\":   notifyproto.List{Attrs: []imap.MailboxAttr{"Subscribed"}, Mailbox: "x"},
		"an attribute with a space": notifyproto.List{Attrs: []imap.MailboxAttr{`\a b`}, Mailbox: "x"},
		"8-bit delimiter":           notifyproto.List{Delim: 'ü', Mailbox: "x"},
		"no rune":                   notifyproto.List{Delim: -1, Mailbox: "x"},
		"no option":                 notifyproto.List{ChildInfo: []string{""}, Mailbox: "x"},
		"OLDNAME as extended":       notifyproto.List{Extended: []notifyproto.ExtendedItem{{"oldname", []byte("(a)")}}, Mailbox: "x"},
		"no tag":                    notifyproto.List{Extended: []notifyproto.ExtendedItem{{"", []byte("(a)")}}, Mailbox: "x"},
		"no tagged value":           notifyproto.List{Extended: []notifyproto.ExtendedItem{{"x", nil}}, Mailbox: "x"},
		"no entries":                notifyproto.Metadata{Mailbox: "x"},
		"entries and values":        notifyproto.Metadata{"x", []string{"/a"}, []notifyproto.MetadataValue{{"/a", nil}}},
		"no entry":                  notifyproto.Metadata{Entries: []string{""}},
		"an entry without /":        notifyproto.Metadata{Entries: []string{"a"}},
		"an entry with a wildcard":  notifyproto.Metadata{Values: []notifyproto.MetadataValue{{"/a%", nil}}},
		"no UIDs":                   notifyproto.Vanished{},
		"any UID":                   notifyproto.Vanished{UIDs: uids(5, 0)},
		"the saved result":          notifyproto.Vanished{UIDs: imap.SearchRes()},
		"8-bit text":                notifyproto.Overflow{"ü"},
		"nothing":                   notifyproto.Other(nil),
		"no response":               notifyproto.Other("* "),
		"tagged":                    notifyproto.Other("a OK x"),
		"two lines":                 notifyproto.Other("* OK a\r\n* OK b"),
	} {
		b, err := notifyproto.AppendResponse([]byte("x"), r, nil)
		var value *notifyproto.ValueError
		require.ErrorAs(t, err, &value, reason)
		require.Equal(t, "x", string(b), reason)
	}
}

func TestValue(t *testing.T) {
	s := notifyproto.Status{"x", items{{"MESSAGES", 3, ""}, {"MAILBOXID", 0, "(a)"}}}
	n, ok := s.Value("MESSAGES")
	require.Equal(t, uint64(3), n)
	require.True(t, ok)
	_, ok = s.Value("MAILBOXID")
	require.False(t, ok)
	_, ok = s.Value("UIDNEXT")
	require.False(t, ok)
	f := notifyproto.Fetch{1, []notifyproto.FetchItem{{"UID", []byte("7")}}}
	v, ok := f.Value("UID")
	require.Equal(t, "7", string(v))
	require.True(t, ok)
	_, ok = f.Value("FLAGS")
	require.False(t, ok)
}

func TestParseTagged(t *testing.T) {
	for line, want := range map[string]imap.StatusResponse{
		"a OK done":                                     {Type: "OK", Text: "done"}, // RFC 5465, section 3.1
		"a ok [READ-WRITE] x":                           {Type: "OK", Code: "READ-WRITE", Text: "x"},
		"a NO [NOTIFICATIONOVERFLOW] no":                {Type: "NO", Code: "NOTIFICATIONOVERFLOW", Text: "no"},
		"a NO [BADEVENT (MessageNew MessageExpunge)] x": {Type: "NO", Code: "BADEVENT (MessageNew MessageExpunge)", Text: "x"},
		"a BAD see {5}":                                 {Type: "BAD", Text: "see {5}"},
		"a BAD [x":                                      {Type: "BAD", Text: "[x"},
		"a BAD [] x":                                    {Type: "BAD", Text: "[] x"},
		"a NO \xc3\xbcber\xff":                          {Type: "NO", Text: "über?"},
		"a NO [X]":                                      {Type: "NO", Code: "X"},
		"a NO [X] ":                                     {Type: "NO", Code: "X"},
		"a OK ":                                         {Type: "OK"}, // RFC 9051, section 9
		"a OK":                                          {Type: "OK"}, // QUIRK
	} {
		tag, resp, err := notifyproto.ParseTagged([]byte(line))
		require.NoError(t, err, line)
		require.Equal(t, "a", tag)
		require.Equal(t, want, *resp, line)
	}
	for _, line := range []string{"", "a", "a ", "a FOO", "* OK x", "+ x", "a BYE x", "a  OK x", "a OKx", "a OK x\ry", "a OK x\x00", "a OK [X\n] y", "a OK [X]y", "a PREAUTH x"} {
		_, resp, err := notifyproto.ParseTagged([]byte(line))
		var syntax *notifyproto.SyntaxError
		require.ErrorAs(t, err, &syntax, "%q", line)
		require.Nil(t, resp)
	}
}

func TestParseBadEvent(t *testing.T) {
	for code, want := range map[imap.ResponseCode][]string{
		"BADEVENT (MessageNew MessageExpunge)":     {"MessageNew", "MessageExpunge"}, // RFC 5465, section 8
		"badevent (FlagChange)":                    {"FlagChange"},
		"BADEVENT MailboxMetadataChange":           {"MailboxMetadataChange"}, // Dovecot
		"BADEVENT AnnotationChange ServerMetadata": {"AnnotationChange", "ServerMetadata"},
		"BADEVENT": nil, // LBBS
	} {
		events, ok := notifyproto.ParseBadEvent(code)
		require.True(t, ok, code)
		require.Equal(t, want, events, code)
	}
	for _, code := range []imap.ResponseCode{"", "BADEVENTS", "BADEVENT ", "BADEVENT ()", "BADEVENT (a", "BADEVENT (a) b", "BADEVENT a)", "BADEVENT (a  b)", "PARSE"} {
		events, ok := notifyproto.ParseBadEvent(code)
		require.False(t, ok && len(events) > 0, code)
	}
}
