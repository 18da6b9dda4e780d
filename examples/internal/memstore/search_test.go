package memstore

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// RFC 3501, section 6.4.4. SMALLER stands alone, because imapserver forgets it
// beside other numbers and dates.
func TestSearchKeys(t *testing.T) {
	c := newHarness(t).connect(t)
	for _, m := range []struct{ flags, date, message string }{
		{`(\Seen)`, ` "01-Feb-2024 23:59:59 -1100"`, "From: Ann <ann@example.org>\r\nTo: bob@example.org\r\nSubject: =?utf-8?q?K=C3=A4se?= plate\r\nDate: Thu, 01 Feb 2024 00:30:00 +1400\r\n\r\nHello Bob"},
		{`(\Flagged kw)`, ` "02-Feb-2024 00:00:00 +1100"`, "From: bob@example.org\r\nCc: carol@example.org\r\nX-Empty:\r\n\r\nNo subject"},
		{`(\Deleted \Draft)`, ` "03-Feb-2024 12:00:00 +0000"`, "Subject: parts\r\nBcc: ann@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\nSGlkZGVuIHRleHQ=\r\n--b\r\nContent-Type: image/png\r\n\r\nHello pixels\r\n--b--\r\n"},
		{`(\Answered)`, "", "Subject: latin\r\nDate: nonsense\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\ngr=FC=DFe"},
	} {
		c.appendMessage("INBOX", m.flags+m.date, m.message)
	}
	c.ok("SELECT INBOX")
	for _, tt := range []struct{ keys, want string }{
		{"ALL", " 1 2 3 4"},
		{"SEEN", " 1"}, {"UNSEEN", " 2 3 4"},
		{"FLAGGED", " 2"}, {"UNFLAGGED", " 1 3 4"},
		{"DELETED", " 3"}, {"UNDELETED", " 1 2 4"},
		{"DRAFT", " 3"}, {"UNDRAFT", " 1 2 4"},
		{"ANSWERED", " 4"}, {"UNANSWERED", " 1 2 3"},
		{"NEW", ""}, {"OLD", " 1 2 3 4"}, {"RECENT", ""},
		{"KEYWORD KW", " 2"}, {"UNKEYWORD kw", " 1 3 4"},
		{"1:2,4", " 1 2 4"}, {"*", " 4"}, {"UID 3:99", " 3 4"}, {"UID 99:*", " 4"},
		{"ON 1-Feb-2024", " 1"}, {"ON 2-Feb-2024", " 2"},
		{"SINCE 2-Feb-2024 BEFORE 4-Feb-2024", " 2 3"},
		{"BEFORE 1-Feb-2024", ""},
		{"SENTON 1-Feb-2024", " 1"}, {"SENTBEFORE 1-Feb-2024", ""}, {"SENTSINCE 1-Feb-2024", " 1"},
		{"FROM ann", " 1"}, {"FROM EXAMPLE", " 1 2"}, {"TO bob", " 1"}, {"CC carol", " 2"}, {"BCC ann", " 3"},
		{"SUBJECT plate", " 1"}, {`SUBJECT ""`, " 1 3 4"},
		{`HEADER X-Empty ""`, " 2"}, {`HEADER X-None ""`, ""}, {"HEADER content-type mixed", " 3"},
		{`BODY "hello"`, " 1"}, {"BODY hidden", " 3"}, {"TEXT latin", " 4"}, {"BODY latin", ""}, {"TEXT parts", " 3"},
		{"SMALLER 76", " 2"}, {"LARGER 75 LARGER 110", " 1 3 4"},
		{"NOT SEEN NOT KEYWORD kw", " 3 4"},
		{"OR SEEN OR DELETED ANSWERED", " 1 3 4"},
		{"NOT (OR SEEN DELETED)", " 2 4"},
		{"(FLAGGED KEYWORD kw)", " 2"},
	} {
		require.Equal(t, []string{"SEARCH" + tt.want}, lines(c.ok("SEARCH "+tt.keys)), tt.keys)
	}
	require.Equal(t, []string{"SEARCH 1"}, lines(c.ok("SEARCH CHARSET UTF-8 SUBJECT", "K\u00c4SE")))
	require.Equal(t, []string{"SEARCH 4"}, lines(c.ok("SEARCH CHARSET UTF-8 BODY", "GR\u00dc\u00dfE")))
	c.fails("NO", "BADCHARSET", "SEARCH CHARSET KOI8-R ALL")
	c.fails("BAD", "CLIENTBUG", "SEARCH 5")
	c.fails("BAD", "CLIENTBUG", "SEARCH NOT OR 1 5:*")
}

// RFC 5182, sections 2.1 and 2.4.
func TestSearchRes(t *testing.T) {
	h := newHarness(t)
	c, other := h.connect(t), h.connect(t)
	for range 5 {
		c.appendMessage("INBOX", "", "x")
	}
	c.ok("CREATE a")
	c.ok("SELECT INBOX")
	uids := func(want ...string) {
		t.Helper()
		got := []string{}
		for _, r := range c.ok("UID FETCH $ UID") {
			if _, ok := r.numbered("FETCH"); ok {
				got = append(got, r.items(t)["UID"].(string))
			}
		}
		require.Equal(t, append([]string{}, want...), got)
	}
	uids() // empty at first
	c.ok("SEARCH RETURN (SAVE) 2:4")
	uids("2", "3", "4")
	c.ok("SEARCH ALL") // without SAVE it stays
	uids("2", "3", "4")
	c.fails("BAD", "CLIENTBUG", "SEARCH RETURN (SAVE) 9") // after a BAD too
	uids("2", "3", "4")
	c.ok("UID SEARCH RETURN (SAVE MIN MAX) $")
	uids("2", "4")
	c.ok("SEARCH RETURN (SAVE MAX) 1:3")
	uids("3")
	c.ok("SEARCH RETURN (SAVE MIN COUNT) 1:3")
	uids("1", "2", "3")
	other.ok("SELECT INBOX")
	other.ok(`STORE 2 +FLAGS.SILENT (\Deleted)`)
	other.ok("EXPUNGE")
	uids("1", "3") // a message that was expunged leaves it
	uids("1", "3")
	c.ok("COPY $ a")
	c.ok("STORE $ +FLAGS.SILENT (kw)")
	require.Equal(t, []string{"SEARCH 1 2"}, lines(c.ok("SEARCH KEYWORD kw")))
	c.ok("MOVE $ a")
	uids()
	c.ok("SEARCH RETURN (SAVE) ALL")
	uids("4", "5")
	c.ok("SELECT INBOX")
	uids()
}
