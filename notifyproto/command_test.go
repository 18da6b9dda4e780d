package notifyproto_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/notifyproto"
)

type (
	groups = []notifyproto.EventGroup
	list   = []notifyproto.Event
	atts   = []notifyproto.FetchAtt
)

// accepted has commands with the value that RFC 5465, section 8 gives them, and
// their canonical form: keywords as printed there, names as RFC 3501 has them.
var accepted = []struct {
	source, command, canonical string
	value                      notifyproto.Command
}{
	{"section 8, notify-none", "NOTIFY NONE", "NOTIFY NONE", notifyproto.None{}},
	{"section 8, case", "notify none", "NOTIFY NONE", notifyproto.None{}},
	{
		"section 6, first example", "notify set (mailboxes INBOX (Messagenew messageExpunge)) (personal (SubscriptionChange))",
		"NOTIFY SET (mailboxes INBOX (MessageNew MessageExpunge)) (personal (SubscriptionChange))",
		notifyproto.Set{Groups: groups{
			{notifyproto.Mailboxes{"INBOX"}, list{notifyproto.MessageNew{}, notifyproto.MessageExpunge{}}},
			{notifyproto.Personal{}, list{notifyproto.SubscriptionChange{}}},
		}},
	},
	{
		"section 6, second example", "notify set (selected (Messagenew (uid flags) messageExpunge)) (personal (MessageNew FlagChange MessageExpunge))",
		"NOTIFY SET (selected (MessageNew (UID FLAGS) MessageExpunge)) (personal (MessageNew FlagChange MessageExpunge))",
		notifyproto.Set{Groups: groups{
			{notifyproto.Selected{}, list{notifyproto.MessageNew{Fetch: atts{"UID", "FLAGS"}}, notifyproto.MessageExpunge{}}},
			{notifyproto.Personal{}, list{notifyproto.MessageNew{}, notifyproto.FlagChange{}, notifyproto.MessageExpunge{}}},
		}},
	},
	{
		"section 3.1, first example, with the parentheses of section 8 (D1)",
		"notify set status (selected (MessageNew (uid body.peek[header.fields (from to subject)]) MessageExpunge)) (subtree Lists (MessageNew MessageExpunge))",
		"NOTIFY SET STATUS (selected (MessageNew (UID BODY.PEEK[HEADER.FIELDS (from to subject)]) MessageExpunge)) (subtree Lists (MessageNew MessageExpunge))",
		notifyproto.Set{Status: true, Groups: groups{
			{notifyproto.Selected{}, list{notifyproto.MessageNew{Fetch: atts{"UID", "BODY.PEEK[HEADER.FIELDS (from to subject)]"}}, notifyproto.MessageExpunge{}}},
			{notifyproto.Subtree{"Lists"}, list{notifyproto.MessageNew{}, notifyproto.MessageExpunge{}}},
		}},
	},
	{
		"section 8, every filter and NONE",
		"NOTIFY SET (SELECTED-DELAYED NONE) (Inboxes none) (PERSONAL NONE) (subscribed NONE) (subtree (a b) NONE) (mailboxes (\"a b\") NONE)",
		"NOTIFY SET (selected-delayed NONE) (inboxes NONE) (personal NONE) (subscribed NONE) (subtree (a b) NONE) (mailboxes \"a b\" NONE)",
		notifyproto.Set{Groups: groups{
			{notifyproto.SelectedDelayed{}, nil}, {notifyproto.Inboxes{}, nil}, {notifyproto.Personal{}, nil},
			{notifyproto.Subscribed{}, nil}, {notifyproto.Subtree{"a", "b"}, nil}, {notifyproto.Mailboxes{"a b"}, nil},
		}},
	},
	{
		"section 8, every event",
		"NOTIFY SET (personal (MESSAGENEW MESSAGEEXPUNGE FLAGCHANGE ANNOTATIONCHANGE MAILBOXNAME SUBSCRIPTIONCHANGE MAILBOXMETADATACHANGE SERVERMETADATACHANGE))",
		"NOTIFY SET (personal (MessageNew MessageExpunge FlagChange AnnotationChange MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange))",
		notifyproto.Set{Groups: groups{{notifyproto.Personal{}, list{
			notifyproto.MessageNew{}, notifyproto.MessageExpunge{}, notifyproto.FlagChange{}, notifyproto.AnnotationChange{},
			notifyproto.MailboxName{}, notifyproto.SubscriptionChange{}, notifyproto.MailboxMetadataChange{}, notifyproto.ServerMetadataChange{},
		}}}},
	},
	{
		"section 8, event-ext: the whole atom counts", "NOTIFY SET (personal (MessageNewX Foo NONE))", "NOTIFY SET (personal (MessageNewX Foo NONE))",
		notifyproto.Set{Groups: groups{{notifyproto.Personal{}, list{notifyproto.OtherEvent("MessageNewX"), notifyproto.OtherEvent("Foo"), notifyproto.OtherEvent("NONE")}}}},
	},
	{
		"section 8, a mailbox called STATUS", "NOTIFY SET STATUS (mailboxes STATUS NONE)", "NOTIFY SET STATUS (mailboxes STATUS NONE)",
		notifyproto.Set{Status: true, Groups: groups{{notifyproto.Mailboxes{"STATUS"}, nil}}},
	},
	{
		"RFC 3501, section 9, mailbox: INBOX and literals",
		"NOTIFY SET (mailboxes (iNbOx {10}\r\nwith space {6+}\r\nq\"uo(e NIL) (MailboxName))",
		`NOTIFY SET (mailboxes (INBOX "with space" "q\"uo(e" "NIL") (MailboxName))`,
		notifyproto.Set{Groups: groups{{notifyproto.Mailboxes{"INBOX", "with space", `q"uo(e`, "NIL"}, list{notifyproto.MailboxName{}}}}},
	},
	{
		"RFC 3501, section 5.1.3, modified UTF-7", `NOTIFY SET (subtree ("&U,BTFw-/&ZeVnLIqe-" Entw&APw-rfe) NONE)`,
		`NOTIFY SET (subtree (&U,BTFw-/&ZeVnLIqe- Entw&APw-rfe) NONE)`,
		notifyproto.Set{Groups: groups{{notifyproto.Subtree{"台北/日本語", "Entwürfe"}, nil}}},
	},
}

func TestParseCommand(t *testing.T) {
	for _, tc := range accepted {
		cmd, err := notifyproto.ParseCommand([]byte(tc.command), nil)
		require.NoError(t, err, tc.source)
		require.Equal(t, tc.value, cmd, tc.source)
		b, err := notifyproto.AppendCommand([]byte("x "), cmd, nil)
		require.NoError(t, err, tc.source)
		require.Equal(t, "x "+tc.canonical, string(b), tc.source)
		if set, ok := cmd.(notifyproto.Set); ok {
			require.NotContains(t, set.String(), "error")
		}
	}
}

func TestUTF8(t *testing.T) {
	o := &notifyproto.Options{UTF8: true}
	want := notifyproto.Set{Groups: groups{{notifyproto.Mailboxes{"Entwürfe", "a&b"}, nil}}}
	cmd, err := notifyproto.ParseCommand([]byte(`NOTIFY SET (mailboxes ("Entwürfe" a&b) NONE)`), o)
	require.NoError(t, err)
	require.Equal(t, want, cmd)
	b, err := notifyproto.AppendCommand(nil, want, o)
	require.NoError(t, err)
	require.Equal(t, `NOTIFY SET (mailboxes ("Entwürfe" a&b) NONE)`, string(b)) // RFC 9051, section 5.1
	require.Equal(t, string(b), want.String())
}

// refused has what the grammar excludes: the offset, and why.
var refused = []struct {
	command string
	offset  int
	reason  string
}{
	// RFC 5465, section 3.1, as printed. D1: section 8 has parentheses around events.
	{"notify set status (selected MessageNew (uid body.peek[header.fields (from to subject)]) MessageExpunge) (subtree Lists MessageNew)", 28, "section 3.1, command b: events without parentheses (D1)"},
	{"notify set (selected MessageNew (uid body.peek[header.fields (from to subject)]) MessageExpunge) (subtree Lists MessageNew) (mailboxes misc MessageNew)", 21, "section 3.1, command e: events without parentheses (D1; erratum 2318 is about its order)"},
	{"NOTIFY", 6, "no argument"},
	{"NOTIFY ", 7, "no argument"},
	{"NOTIFYNONE", 0, "no space"},
	{"IDLE", 0, "another command"},
	{"a NOTIFY NONE", 0, "a tag"},
	{"NOTIFY BOGUS", 7, "neither SET nor NONE"},
	{"NOTIFY NONE extra", 11, "something after NONE"},
	{"NOTIFY NONE ", 11, "a space after NONE"},
	{"NOTIFY NONE\r\n", 11, "the CRLF is not part of a frame"},
	{"NOTIFY  NONE", 7, "two spaces"},
	{"NOTIFY SET", 10, "no event-groups"},
	{"NOTIFY SET ", 11, "no event-groups"},
	{"NOTIFY SET STATUS", 17, "no event-groups"},
	{"NOTIFY SET STATUS STATUS (personal NONE)", 18, "STATUS twice"},
	{"NOTIFY SET (STATUS) (personal NONE)", 12, "STATUS has no parentheses: go-imap after beta.8"},
	{"NOTIFY SET ((INBOX) (MessageNew MessageExpunge))", 12, "no keyword: go-imap after beta.8"},
	{"NOTIFY SET (selected)", 20, "no events: go-imap after beta.8"},
	{"NOTIFY SET ()", 12, "no filter"},
	{"NOTIFY SET (personal ())", 22, "an empty list is NONE"},
	{"NOTIFY SET (personal NONE extra)", 25, "something after events"},
	{"NOTIFY SET (personal (MailboxName) extra)", 34, "something after events"},
	{"NOTIFY SET (personal (NONE)", 27, "no end"},
	{"NOTIFY SET (personal (MailboxName)", 34, "no end"},
	{"NOTIFY SET (personal (MailboxName)))", 35, "one parenthesis too many"},
	{"NOTIFY SET (bogus NONE)", 12, "no such filter"},
	{"NOTIFY SET (selectedx NONE)", 12, "the whole atom counts"},
	{"NOTIFY SET (selected-delay NONE)", 12, "the whole atom counts"},
	{"NOTIFY SET (\"personal\" NONE)", 12, "keywords are not quoted"},
	{"NOTIFY SET (personal (\"MailboxName\"))", 22, "events are atoms"},
	{"NOTIFY SET personal NONE", 11, "no parentheses"},
	{"NOTIFY SET  (personal NONE)", 11, "two spaces"},
	{"NOTIFY SET (personal  NONE)", 21, "two spaces"},
	{"NOTIFY SET (personal (MessageNew  MessageExpunge))", 33, "two spaces"},
	{"NOTIFY SET (personal (MessageNew MessageExpunge ))", 48, "space before the parenthesis"},
	{"NOTIFY SET (personal ( MessageNew MessageExpunge))", 22, "space after the parenthesis"},
	{"NOTIFY SET (personal(MailboxName))", 20, "no space"},
	{"NOTIFY SET (personal NONE)(selected NONE)", 26, "no space between groups"},
	{"NOTIFY SET (personal NONE) ", 27, "a space at the end"},
	{"NOTIFY SET (personal\tNONE)", 20, "a tab"},
	{"NOTIFY SET (subtree NONE)", 24, "NONE is the name, and events are missing"},
	{"NOTIFY SET (mailboxes () NONE)", 23, "no mailbox"},
	{"NOTIFY SET (mailboxes (a  b) NONE)", 25, "two spaces"},
	{"NOTIFY SET (mailboxes (MessageNew MessageExpunge))", 49, "the list is of mailboxes, and events are missing"},
	{"NOTIFY SET (subtree-one a (MailboxName))", 12, "RFC 7377's filter is not in RFC 5465 (D12)"},
	{"NOTIFY SET (personal a (MailboxName))", 21, "personal has no names"},
	{"NOTIFY SET (mailboxes b\xe4d NONE)", 23, "8-bit in an atom"},
	{"NOTIFY SET (mailboxes \"Entw\xc3\xbcrfe\" NONE)", 27, "UTF-8 in IMAP4rev1"},
	{"NOTIFY SET (mailboxes \"bad&name\" NONE)", 31, "not modified UTF-7"},
	{"NOTIFY SET (mailboxes \"with&ACA-space\" NONE)", 28, "not the one form of modified UTF-7"},
	{"NOTIFY SET (mailboxes \"a\x00b\" NONE)", 24, "NUL"},
	{"NOTIFY SET (mailboxes \"a\r\nb\" NONE)", 24, "CRLF in a quoted string"},
	{"NOTIFY SET (mailboxes \"a&AA0-b\" NONE)", 23, "CR in a name, encoded"},
	{"NOTIFY SET (mailboxes {3}\r\na\rb NONE)", 28, "CR in a name"},
	{"NOTIFY SET (mailboxes {9}\r\nab NONE)", 35, "a literal that ends too early"},
	{"NOTIFY SET (mailboxes ~{1}\r\na NONE)", 23, "a literal8 is no astring"},
	{"NOTIFY SET (selected (MessageNew FAST MessageExpunge) x)", 53, "FAST without list is an event-ext; then something after events"},
	{"NOTIFY SET (selected (MessageNew (ALL) MessageExpunge))", 34, "a macro is no fetch-att"},
	{"NOTIFY SET (selected (MessageNew () MessageExpunge))", 34, "an empty list"},
	{"NOTIFY SET (selected (MessageNew (UID  FLAGS) MessageExpunge))", 38, "two spaces"},
	{"NOTIFY SET (selected (MessageNew(UID) MessageExpunge))", 32, "no space"},
	{"NOTIFY SET (selected (MessageExpunge (UID)))", 37, "only MessageNew has a list"},
	{"NOTIFY SET (selected (MessageNew MessageExpunge FlagChange (SEEN)))", 59, "the criteria of the draft (D2)"},
}

func TestParseCommandRefused(t *testing.T) {
	for _, tc := range refused {
		cmd, err := notifyproto.ParseCommand([]byte(tc.command), nil)
		require.Nil(t, cmd, tc.reason)
		var syntax *notifyproto.SyntaxError
		require.ErrorAs(t, err, &syntax, "%q: %s", tc.command, tc.reason)
		require.Equal(t, tc.offset, syntax.Offset, "%q: %s: %v", tc.command, tc.reason, err)
		require.NotEmpty(t, syntax.Want)
		require.Regexp(t, `^RFC \d+, (section|appendix) |limit`, syntax.Section)
	}
}

func TestAppendCommandRefused(t *testing.T) {
	set := func(f notifyproto.MailboxFilter, e ...notifyproto.Event) notifyproto.Set {
		return notifyproto.Set{Groups: groups{{f, e}}}
	}
	for reason, cmd := range map[string]notifyproto.Command{
		"no command":             nil,
		"a pointer":              &notifyproto.Set{},
		"no groups":              notifyproto.Set{},
		"no filter":              set(nil),
		"a pointer to a filter":  set(&notifyproto.Selected{}),
		"no name":                set(notifyproto.Subtree{}),
		"no event":               set(notifyproto.Personal{}, nil),
		"a pointer to an event":  set(notifyproto.Personal{}, &notifyproto.MailboxName{}),
		"an empty event":         set(notifyproto.Personal{}, notifyproto.OtherEvent("")),
		"a known event as other": set(notifyproto.Personal{}, notifyproto.OtherEvent("messageNEW")),
		"an event that is none":  set(notifyproto.Personal{}, notifyproto.OtherEvent("a b")),
		"a name not in UTF-8":    set(notifyproto.Mailboxes{"a", "b\xff"}),
		"an empty fetch-att":     set(notifyproto.Selected{}, notifyproto.MessageNew{Fetch: atts{""}}),
		"two fetch-atts in one":  set(notifyproto.Selected{}, notifyproto.MessageNew{Fetch: atts{"UID FLAGS"}}),
	} {
		b, err := notifyproto.AppendCommand([]byte("a "), cmd, nil)
		var value *notifyproto.ValueError
		require.ErrorAs(t, err, &value, reason)
		require.NotEmpty(t, value.Field)
		require.NotEmpty(t, value.Want)
		require.NotEmpty(t, value.Section)
		require.Contains(t, err.Error(), value.Field)
		require.Equal(t, "a ", string(b), reason)
		if cmd != nil && reason != "a pointer" {
			require.Contains(t, cmd.String(), "notifyproto: ", reason)
		}
	}
}

func TestFetchAtt(t *testing.T) {
	for in, want := range map[string]string{
		// RFC 3501, section 9
		"envelope": "ENVELOPE", "FLAGS": "FLAGS", "internaldate": "INTERNALDATE", "uid": "UID",
		"rfc822": "RFC822", "rfc822.header": "RFC822.HEADER", "rfc822.Size": "RFC822.SIZE", "rfc822.text": "RFC822.TEXT",
		"body": "BODY", "bodystructure": "BODYSTRUCTURE", "body[]": "BODY[]", "body.peek[]<0.1024>": "BODY.PEEK[]<0.1024>",
		"body[text]": "BODY[TEXT]", "body[1.02.3]": "", "body[header]": "BODY[HEADER]", "body[4.1.mime]": "BODY[4.1.MIME]",
		"body[4.2.2.1]<007.10>": "BODY[4.2.2.1]<7.10>", "body[1.header.fields.not (X-Foo)]": "BODY[1.HEADER.FIELDS.NOT (X-Foo)]",
		"body.peek[header.fields (from To SUBJECT)]":               "BODY.PEEK[HEADER.FIELDS (from To SUBJECT)]",
		`body[header.fields ("from" "a b" {2}` + "\r\nto nil x])]": `BODY[HEADER.FIELDS (from "a b" to "nil" x])]`,
		`body[header.fields ("nil" "")]`:                           `BODY[HEADER.FIELDS ("nil" "")]`,
		"body[1.text]":                                             "BODY[1.TEXT]",
		// RFC 9051, section 9
		"binary[1.2]<0.4294967296>": "BINARY[1.2]<0.4294967296>", "binary.peek[]": "BINARY.PEEK[]", "binary.size[3]": "BINARY.SIZE[3]",
		// RFC 7162, RFC 8474, RFC 8970, RFC 8514
		"modseq": "MODSEQ", "emailid": "EMAILID", "threadid": "THREADID", "preview": "PREVIEW", "preview (lazy)": "PREVIEW (LAZY)", "savedate": "SAVEDATE",
		"x-gm-msgid": "X-GM-MSGID", "body.foo": "BODY.FOO",
		// no fetch-att
		"": "", " uid": "", "uid ": "", "uid flags": "", "(uid)": "", "all": "", "FAST": "", "full": "",
		"body[": "", "body[]x": "", "body[]<0>": "", "body[]<0.0>": "", "body[]<.5>": "", "body[]<0.5": "", "body<0.5>": "",
		"body.peek": "", "body[mime]": "", "body[1.]": "", "body[0]": "", "body[.1]": "", "body[foo]": "", "body[1.foo]": "",
		"body[header.fields]": "", "body[header.fields ()]": "", "body[header.fields  (a)]": "", "body[header.fields (a b )]": "",
		"body[header.fields ({3}\r\na\rb)]": "", "body[header.fields ({3}\r\na\nb)]": "", "body[header.fields ({1}\r\n\xe4)]": "",
		"body[text.mime]": "", "bodystructure[]": "", "uid[1]": "", "rfc822.size[1]": "",
		"binary": "", "binary[text]": "", "binary.size": "", "binary.size[1]<0.1>": "", "binary.peek": "",
		"preview (": "", "preview ()": "", "preview (lazy": "", "preview lazy": "", "preview  (lazy)": "", "uid (lazy)": "",
		"f\x00": "", "fl\xc3\xa4gs": "", "fla\u212Ags": "", "a]": "", "\\seen": "", "a*": "",
	} {
		got, err := notifyproto.ParseFetchAtt(in)
		if want == "" {
			var syntax *notifyproto.SyntaxError
			require.ErrorAs(t, err, &syntax, "%q", in)
			require.Empty(t, got, in)
			continue
		}
		require.NoError(t, err, in)
		require.Equal(t, notifyproto.FetchAtt(want), got)
		again, err := notifyproto.ParseFetchAtt(want)
		require.NoError(t, err, want)
		require.Equal(t, got, again)
		// A FetchAtt that is not canonical is written in canonical form.
		b, err := notifyproto.AppendCommand(nil, notifyproto.Set{Groups: groups{{notifyproto.Selected{}, list{notifyproto.MessageNew{Fetch: atts{notifyproto.FetchAtt(in)}}}}}}, nil)
		require.NoError(t, err, in)
		require.Equal(t, "NOTIFY SET (selected (MessageNew ("+want+")))", string(b))
	}
}

func TestValidate(t *testing.T) {
	for _, tc := range []struct {
		groups  string
		group   int
		section string // "" is valid
	}{
		{"(personal (MessageNew MessageExpunge))", 0, ""},
		{"(personal (MessageExpunge AnnotationChange MessageNew FlagChange))", 0, ""},
		{"(selected NONE) (personal NONE)", 0, ""},
		{"(selected-delayed (MessageNew (UID) MessageExpunge))", 0, ""},
		{"(mailboxes a NONE) (mailboxes a (MailboxName)) (personal NONE) (personal (MailboxName))", 0, ""},  // section 6: several groups for one mailbox
		{"(personal (MessageNew MessageNew MessageExpunge))", 0, ""},                                        // nothing forbids it
		{"(selected (FooEvent))", 0, ""},                                                                    // section 3.1: NO, not BAD
		{"(personal (MessageNew))", 0, "5"},                                                                 // "If one of MessageNew or MessageExpunge is specified, then both"
		{"(personal (MessageExpunge MailboxName))", 0, "5"},                                                 // the same
		{"(personal (FlagChange))", 0, "5"},                                                                 // "MessageNew and MessageExpunge MUST also be specified"
		{"(personal (FlagChange MessageNew))", 0, "5"},                                                      // the same
		{"(personal (MailboxName)) (selected (AnnotationChange MessageExpunge))", 1, "5"},                   // the same, in the second group
		{"(personal (MessageNew)) (personal (MessageExpunge))", 0, "5"},                                     // the same, in each group
		{"(selected (MailboxName))", 0, "6.1"},                                                              // "It is an error to specify other types of events"
		{"(selected-delayed (MessageNew MessageExpunge SubscriptionChange))", 0, "6.1"},                     // the same
		{"(selected (MailboxMetadataChange))", 0, "6.1"},                                                    // the same
		{"(selected (ServerMetadataChange))", 0, "6.1"},                                                     // the same
		{"(selected NONE) (personal NONE) (selected NONE)", 2, "6.1"},                                       // "Only one of the mailbox specifiers"
		{"(selected (MessageNew MessageExpunge)) (selected-delayed (MessageNew MessageExpunge))", 1, "6.1"}, // the same
		{"(personal (MessageNew (UID) MessageExpunge))", 0, "8"},                                            // D11
		{"(mailboxes a (MessageNew (UID) MessageExpunge))", 0, "8"},                                         // D11
	} {
		err := parse(t, "NOTIFY SET "+tc.groups).(notifyproto.Set).Validate()
		if tc.section == "" {
			require.NoError(t, err, tc.groups)
			continue
		}
		var rule *notifyproto.RuleError
		require.ErrorAs(t, err, &rule, tc.groups)
		require.Equal(t, "RFC 5465, section "+tc.section, rule.Section, tc.groups)
		require.Equal(t, tc.group, rule.Group, tc.groups)
		require.NotEmpty(t, rule.Text)
	}
	for reason, set := range map[string]notifyproto.Set{
		"no groups":             {},
		"no filter":             {Groups: groups{{}}},
		"a pointer":             {Groups: groups{{Mailboxes: &notifyproto.Personal{}}}},
		"no names":              {Groups: groups{{Mailboxes: notifyproto.Mailboxes{}}}},
		"no names of subtrees":  {Groups: groups{{Mailboxes: notifyproto.Subtree(nil)}}},
		"nil event":             {Groups: groups{{notifyproto.Personal{}, list{nil}}}},
		"a pointer to an event": {Groups: groups{{notifyproto.Personal{}, list{&notifyproto.MailboxName{}}}}},
	} {
		var rule *notifyproto.RuleError
		require.ErrorAs(t, set.Validate(), &rule, reason)
	}
	require.NoError(t, notifyproto.Set{Groups: groups{{Events: list{nil}}}}.CheckEvents())
}

func TestStatusError(t *testing.T) {
	supported := []string{"MessageNew", "MessageExpunge", "FlagChange"}
	answer := func(command string) string {
		cmd, err := notifyproto.ParseCommand([]byte(command), nil)
		if set, ok := cmd.(notifyproto.Set); ok {
			err = errors.Join(set.Validate(), set.CheckEvents(supported...))
		}
		if resp := notifyproto.StatusError(err); resp != nil {
			return resp.Error()
		}
		return "OK"
	}
	for command, want := range map[string]string{
		"NOTIFY NONE": "OK",
		"NOTIFY SET (personal (messagenew MESSAGEEXPUNGE))":   "OK",
		"NOTIFY SET (bogus NONE)":                             "imap: BAD Expected filter-mailboxes at octet 12 (RFC 5465, section 8)",
		"NOTIFY SET (mailboxes \"a\r\nb\" NONE)":              "imap: BAD Expected QUOTED-CHAR or DQUOTE at octet 24 (RFC 3501, section 9)",
		"NOTIFY SET (selected NONE) (selected NONE)":          "imap: BAD NOTIFY event group 2: only one selected or selected-delayed (RFC 5465, section 6.1)",
		"NOTIFY SET (personal (Foo MailboxName foo))":         "imap: NO [BADEVENT (MessageNew MessageExpunge FlagChange)] Unsupported event: Foo MailboxName",
		"NOTIFY SET (selected (Foo))":                         "imap: NO [BADEVENT (MessageNew MessageExpunge FlagChange)] Unsupported event: Foo",
		"NOTIFY SET (selected (Foo)) (personal (FlagChange))": "imap: BAD NOTIFY event group 2: FlagChange without MessageNew and MessageExpunge (RFC 5465, section 5)",
	} {
		require.Equal(t, want, answer(command), command)
	}
	require.Nil(t, notifyproto.StatusError(nil))
	require.Equal(t, "imap: NO [SERVERBUG] Internal error", notifyproto.StatusError(errors.New("secret\r\n* BYE")).Error())
	require.Equal(t, "imap: NO Unsupported event: a", notifyproto.StatusError(&notifyproto.BadEventError{Unsupported: []string{"a"}}).Error())
	require.Equal(t, "imap: NO [BADEVENT (b)] Unsupported event: a???* BYE", notifyproto.StatusError(&notifyproto.BadEventError{
		Unsupported: []string{"a\r\n\xff* BYE"}, Supported: []string{"x\r\n", "b", ""},
	}).Error())
}
