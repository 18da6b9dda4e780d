package notifyproto_test

import (
	"testing"

	imap "github.com/emersion/go-imap/v2"
	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/notifyproto"
)

// TestInjection puts CR, LF, NUL and a whole second line into every string that
// is written.
func TestInjection(t *testing.T) {
	for _, evil := range []string{"\r", "\n", "\r\n", "\x00", "a\r\nb LOGOUT\r\n", "a\nb", "a\x00"} {
		group := func(f notifyproto.MailboxFilter, e notifyproto.Event) notifyproto.Command {
			return notifyproto.Set{Groups: groups{{f, list{e}}}}
		}
		for field, cmd := range map[string]notifyproto.Command{
			"Mailboxes":   group(notifyproto.Mailboxes{evil}, notifyproto.MailboxName{}),
			"Mailboxes 2": group(notifyproto.Mailboxes{"a", evil}, notifyproto.MailboxName{}),
			"Subtree":     group(notifyproto.Subtree{evil}, notifyproto.MailboxName{}),
			"OtherEvent":  group(notifyproto.Personal{}, notifyproto.OtherEvent(evil)),
			"FetchAtt":    group(notifyproto.Selected{}, notifyproto.MessageNew{Fetch: atts{notifyproto.FetchAtt(evil)}}),
			"FetchAtt 2":  group(notifyproto.Selected{}, notifyproto.MessageNew{Fetch: atts{notifyproto.FetchAtt("UID" + evil)}}),
			"FetchAtt 3":  group(notifyproto.Selected{}, notifyproto.MessageNew{Fetch: atts{notifyproto.FetchAtt(`BODY[HEADER.FIELDS ("` + evil + `")]`)}}),
		} {
			for _, o := range []*notifyproto.Options{nil, {UTF8: true}} {
				b, err := notifyproto.AppendCommand(nil, cmd, o)
				require.Error(t, err, "%s %q", field, evil)
				require.Empty(t, b)
			}
		}
		for field, r := range map[string]notifyproto.Response{
			"Status.Mailbox":     notifyproto.Status{evil, nil},
			"StatusItem.Name":    notifyproto.Status{"x", items{{evil, 1, ""}}},
			"StatusItem.Raw":     notifyproto.Status{"x", items{{"X", 0, evil}}},
			"StatusItem.Raw 2":   notifyproto.Status{"x", items{{"X", 0, `("` + evil + `")`}}},
			"List.Attrs":         notifyproto.List{Attrs: []imap.MailboxAttr{imap.MailboxAttr(evil)}},
			"List.Attrs 2":       notifyproto.List{Attrs: []imap.MailboxAttr{imap.MailboxAttr(`\` + evil)}},
			"List.Mailbox":       notifyproto.List{Mailbox: evil},
			"List.OldName":       notifyproto.List{OldName: evil},
			"List.ChildInfo":     notifyproto.List{ChildInfo: []string{evil}},
			"ExtendedItem.Tag":   notifyproto.List{Extended: []notifyproto.ExtendedItem{{evil, []byte("1")}}},
			"ExtendedItem.Value": notifyproto.List{Extended: []notifyproto.ExtendedItem{{"X", []byte(evil)}}},
			"List.Delim CR":      notifyproto.List{Delim: rune(evil[len(evil)-1]), Mailbox: evil},
			"Metadata.Mailbox":   notifyproto.Metadata{Mailbox: evil, Entries: []string{"/a"}},
			"Metadata.Entries":   notifyproto.Metadata{Entries: []string{"/" + evil}},
			"MetadataValue":      notifyproto.Metadata{Values: []notifyproto.MetadataValue{{"/" + evil, nil}}},
			"FetchItem.Name":     notifyproto.Fetch{1, []notifyproto.FetchItem{{evil, []byte("1")}}},
			"FetchItem.Name 2":   notifyproto.Fetch{1, []notifyproto.FetchItem{{`BODY[HEADER.FIELDS ("` + evil + `")]`, []byte("1")}}},
			"FetchItem.Value":    notifyproto.Fetch{1, []notifyproto.FetchItem{{"X", []byte(evil)}}},
			"FetchItem.Value 2":  notifyproto.Fetch{1, []notifyproto.FetchItem{{"X", []byte(`"` + evil + `"`)}}},
			"Overflow.Text":      notifyproto.Overflow{evil},
			"Other":              notifyproto.Other("* X " + evil),
		} {
			for _, o := range []*notifyproto.Options{nil, {UTF8: true}} {
				b, err := notifyproto.AppendResponse(nil, r, o)
				require.Error(t, err, "%s %q", field, evil)
				require.Empty(t, b)
			}
		}
		// A value of METADATA may be anything: it is then a literal.
		b, err := notifyproto.AppendResponse(nil, notifyproto.Metadata{Values: []notifyproto.MetadataValue{{"/a", []byte(evil)}}}, nil)
		require.NoError(t, err)
		requireFrame(t, b)
		requireLine(t, notifyproto.StatusError(&notifyproto.SyntaxError{Want: evil, Section: evil}).Error())
		requireLine(t, notifyproto.StatusError(&notifyproto.RuleError{Text: evil, Section: evil}).Error())
		requireLine(t, notifyproto.StatusError(&notifyproto.BadEventError{Unsupported: []string{evil}, Supported: []string{evil}}).Error())
		requireLine(t, notifyproto.StatusError(&imap.Error{Type: "NO", Code: imap.ResponseCode(evil), Text: evil}).Error())
	}
	for _, delim := range "\r\n\x7f" {
		_, err := notifyproto.AppendResponse(nil, notifyproto.List{Delim: delim, Mailbox: "x"}, nil)
		require.Equal(t, delim != '\x7f', err != nil)
	}
}
