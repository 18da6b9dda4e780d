package emn

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/msgevent"
)

// TestLenient has what only lenient mode takes, and the issue it then reports,
// which is also the error of strict mode.
func TestLenient(t *testing.T) {
	at := func(hour, minute, second int) time.Time {
		return time.Date(2004, 2, 20, hour, minute, second, 0, time.UTC)
	}
	for _, tt := range []struct {
		name  string
		xml   string
		n     Notification // without the mailbox
		issue Issue
	}{
		{"NUL at the end", "<emn mailbox='m:'/>\x00", Notification{},
			Issue{Err: &SyntaxError{19, "no NUL at the end", "XML 1.0, section 2.2"}}},
		{"space before the declaration", "\n<?xml version='1.0'?><emn mailbox='m:'/>", Notification{},
			Issue{Err: &SyntaxError{0, "the XML declaration first", "XML 1.0, section 2.8"}}},
		{"space after the byte order mark", "\uFEFF <?xml version='1.0'?><emn mailbox='m:'/>", Notification{},
			Issue{Err: &SyntaxError{3, "the XML declaration first", "XML 1.0, section 2.8"}}},
		{"DOCTYPE of another element", "<!DOCTYPE si><emn mailbox='m:'/>", Notification{},
			Issue{Err: &SyntaxError{10, "the name of the element", "XML 1.0, section 2.8"}}},
		{"DOCTYPE of emn", "<!DOCTYPE emn><xemn mailbox='m:'/>", Notification{Extended: &Extended{}},
			Issue{Err: &SyntaxError{10, "the name of the element", "XML 1.0, section 2.8"}}},
		{"namespace", "<emn xmlns='u:' mailbox='m:'/>", Notification{},
			Issue{&SyntaxError{5, "an attribute of the element type", "OMA EMN 1.0"}, "xmlns", "u:"}},
		{"attribute of xemn", "<emn mailbox='m:' uid='1'/>", Notification{},
			Issue{&SyntaxError{18, "an attribute of the element type", "OMA EMN 1.0"}, "uid", "1"}},
		{"unknown attribute", "<xemn mailbox='m:' é='&amp;'/>", Notification{Extended: &Extended{}},
			Issue{&SyntaxError{19, "an attribute of the element type", draftSection}, "é", "&"}},

		{"no timestamp", "<emn mailbox='m:' timestamp=''/>", Notification{},
			timestampIssue("")},
		{"no seconds", "<emn mailbox='m:' timestamp='2004-02-20T06:40Z'/>", Notification{Timestamp: at(6, 40, 0)},
			timestampIssue("2004-02-20T06:40Z")},
		{"no zone", "<emn mailbox='m:' timestamp='2004-02-20T06:40:01'/>", Notification{Timestamp: at(6, 40, 1)},
			timestampIssue("2004-02-20T06:40:01")},
		{"basic format", "<emn mailbox='m:' timestamp='20040220T064001Z'/>", Notification{Timestamp: at(6, 40, 1)},
			timestampIssue("20040220T064001Z")},
		{"all of them", "<emn mailbox='m:' timestamp='20040220t0640'/>", Notification{Timestamp: at(6, 40, 0)},
			timestampIssue("20040220t0640")},
		{"leap second", "<emn mailbox='m:' timestamp='2004-02-20T06:40:60Z'/>", Notification{Timestamp: at(6, 41, 0)},
			timestampIssue("2004-02-20T06:40:60Z")},

		{"event of the draft's example", "<xemn mailbox='m:' event='New Message'/>", event("MessageNew"), eventIssue("New Message")},
		{"event without blank", "<xemn mailbox='m:' event='NewMessage'/>", event("MessageNew"), eventIssue("NewMessage")},
		{"event in lower case", "<xemn mailbox='m:' event='messagenew'/>", event("MessageNew"), eventIssue("messagenew")},
		{"event with word breaks", "<xemn mailbox='m:' event='MAILBOX-UN_SUBSCRIBE '/>", event("MailboxUnSubscribe"), eventIssue("MAILBOX-UN_SUBSCRIBE ")},
		{"unknown event", "<xemn mailbox='m:' event='Mail'/>", event(""), eventIssue("Mail")},
		{"empty event", "<xemn mailbox='m:' event=''/>", event(""), eventIssue("")},

		{"signed sequence-id", "<xemn mailbox='m:' sequence-id='+1'/>", event(""),
			Issue{&SyntaxError{32, "a decimal number of 64 bits", draftSection}, "sequence-id", "+1"}},
		{"sequence-id with leading zero", "<xemn mailbox='m:' sequence-id='01'/>", event(""),
			Issue{&SyntaxError{32, "a decimal number of 64 bits", draftSection}, "sequence-id", "01"}},
		{"empty uid", "<xemn mailbox='m:' uid=''/>", event(""), uidIssue("")},
		{"uid 0", "<xemn mailbox='m:' uid='0'/>", event(""), uidIssue("0")},
		{"uid over 32 bits", "<xemn mailbox='m:' uid='4294967296'/>", event(""), uidIssue("4294967296")},

		{"Date field", "<xemn mailbox='m:' datetime='Fri, 20 Feb 2004 07:39:12 +0100'/>", date(at(6, 39, 12)), dateIssue("Fri, 20 Feb 2004 07:39:12 +0100")},
		{"Date field with comment", "<xemn mailbox='m:' datetime='Fri, 20 Feb 2004 06:39:12 +0000 (UTC)'/>", date(at(6, 39, 12)), dateIssue("Fri, 20 Feb 2004 06:39:12 +0000 (UTC)")},
		{"Date field at its shortest", "<xemn mailbox='m:' datetime='20 Feb 2004 06:39 -0000'/>", date(at(6, 39, 0)), dateIssue("20 Feb 2004 06:39 -0000")},
		{"Date field with obsolete zone", "<xemn mailbox='m:' datetime='Fri, 20 Feb 2004 06:39:12 GMT'/>", date(at(6, 39, 12)), dateIssue("Fri, 20 Feb 2004 06:39:12 GMT")},
		{"Date field with a local zone", "<xemn mailbox='m:' datetime='Fri, 20 Feb 2004 06:39:12 CET'/>", date(time.Time{}), dateIssue("Fri, 20 Feb 2004 06:39:12 CET")},
		{"leap second in a date", "<xemn mailbox='m:' datetime='2004-02-20T06:39:60Z'/>", date(at(6, 40, 0)), dateIssue("2004-02-20T06:39:60Z")},
		{"date without zone", "<xemn mailbox='m:' datetime='2004-02-20T06:39:12'/>", date(time.Time{}), dateIssue("2004-02-20T06:39:12")},
		{"date without seconds", "<xemn mailbox='m:' datetime='2004-02-20T06:39Z'/>", date(time.Time{}), dateIssue("2004-02-20T06:39Z")},
		{"date before year 0", "<xemn mailbox='m:' datetime='0000-01-01T00:00:00+00:01'/>", date(time.Time{}), dateIssue("0000-01-01T00:00:00+00:01")},
		{"date with an offset of 24 hours", "<xemn mailbox='m:' datetime='2004-02-20T06:39:12+24:00'/>", date(time.Time{}), dateIssue("2004-02-20T06:39:12+24:00")},
		{"date with an empty fraction", "<xemn mailbox='m:' datetime='2004-02-20T06:39:12.Z'/>", date(time.Time{}), dateIssue("2004-02-20T06:39:12.Z")},
		{"empty date", "<xemn mailbox='m:' datetime=''/>", date(time.Time{}), dateIssue("")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var n Notification
			require.Equal(t, tt.issue.Err, Unmarshal([]byte(tt.xml), &n, nil))

			var issues []Issue
			options := &ParseOptions{Lenient: true, Report: func(i Issue) { issues = append(issues, i) }}
			require.NoError(t, Unmarshal([]byte(tt.xml), &n, options))
			tt.n.Mailbox = "m:"
			require.Equal(t, tt.n, n)
			require.Equal(t, []Issue{tt.issue}, issues)

			require.NoError(t, Unmarshal([]byte(tt.xml), &n, &ParseOptions{Lenient: true}))
		})
	}
}

func event(name string) Notification {
	return Notification{Extended: &Extended{Event: msgevent.Type(name)}}
}

func date(t time.Time) Notification {
	return Notification{Extended: &Extended{Date: t}}
}

func timestampIssue(value string) Issue {
	return Issue{&SyntaxError{29, "YYYY-MM-DDThh:mm:ssZ", "OMA EMN 1.0"}, "timestamp", value}
}

func eventIssue(value string) Issue {
	return Issue{&SyntaxError{26, "an event name", "RFC 5423, section 4"}, "event", value}
}

func uidIssue(value string) Issue {
	return Issue{&SyntaxError{24, "a decimal number, 1 to 4294967295", draftSection}, "uid", value}
}

func dateIssue(value string) Issue {
	return Issue{&SyntaxError{29, "a date-time", "RFC 3339, section 5.6"}, "datetime", value}
}

func TestIssueString(t *testing.T) {
	require.Equal(t, `emn: offset 24: want a decimal number, 1 to 4294967295 (`+draftSection+`): uid="1:4"`, uidIssue("1:4").String())
	require.Equal(t, "emn: offset 1: want x", Issue{Err: &SyntaxError{1, "x", ""}}.String())
}
