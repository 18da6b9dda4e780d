package imapurl

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// accepted are texts with the value they stand for and the text it is written
// as, "" if that is the same.
var accepted = []struct {
	source string
	in     string
	want   URL
	out    string
}{
	{"RFC 5092, appendix A", "imap://imap.example.com",
		URL{Host: "imap.example.com"}, ""},
	{"RFC 5092, appendix A", "imap://imap.example.com/",
		URL{Host: "imap.example.com", Slash: true}, ""},
	{"RFC 5092, section 3.1", "imap://michael@example.org/INBOX",
		URL{User: "michael", Host: "example.org", Mailbox: "INBOX"}, ""},
	{"RFC 5092, section 9", "imap://psicorp.example.org/~peter/%E6%97%A5%E6%9C%AC%E8%AA%9E/%E5%8F%B0%E5%8C%97",
		URL{Host: "psicorp.example.org", Mailbox: "~peter/日本語/台北"}, ""},
	{"RFC 5092, section 9, without ;PARTIAL=", "imap://minbari.example.org/gray-council;UIDVALIDITY=385759045/;UID=20",
		URL{Host: "minbari.example.org", Mailbox: "gray-council", UIDValidity: 385759045, UID: 20}, ""},
	{"RFC 5092, section 9, without ;section=", "imap://;AUTH=GSSAPI@minbari.example.org/gray-council/;uid=20",
		URL{Auth: "GSSAPI", Host: "minbari.example.org", Mailbox: "gray-council", UID: 20},
		"imap://;AUTH=GSSAPI@minbari.example.org/gray-council/;UID=20"},
	{"RFC 5092, section 9, without the search", "imap://;AUTH=*@minbari.example.org/gray%20council",
		URL{Auth: AuthAny, Host: "minbari.example.org", Mailbox: "gray council"}, ""},
	{"RFC 5092, section 9, without the search", "imap://john;AUTH=*@minbari.example.org/babylon5/personel",
		URL{User: "john", Auth: "*", Host: "minbari.example.org", Mailbox: "babylon5/personel"}, ""},

	{"Cyrus 3.6.1, Login", "imap://imap.example.org",
		URL{Host: "imap.example.org"}, ""},
	{"Cyrus 3.6.1, MessageNew", "imap://imap.example.org/user/alice;UIDVALIDITY=1795311644/;UID=1",
		URL{Host: "imap.example.org", Mailbox: "user/alice", UIDValidity: 1795311644, UID: 1}, ""},
	{"Cyrus 3.6.1, MailboxCreate", "imap://imap.example.org/user/alice/Entw%C3%BCrfe;UIDVALIDITY=1795311660",
		URL{Host: "imap.example.org", Mailbox: "user/alice/Entwürfe", UIDValidity: 1795311660}, ""},
	{"Cyrus 3.6.1, a name with specials", "imap://imap.example.org/user/alice/A%20b%2Bc%3Dd%3Ae%40f%23g,h(i)~j",
		URL{Host: "imap.example.org", Mailbox: "user/alice/A b+c=d:e@f#g,h(i)~j"},
		"imap://imap.example.org/user/alice/A%20b+c=d:e@f%23g,h(i)~j"},

	{"RFC 3986, section 3.1: scheme in any case", "IMAP://h/INBOX",
		URL{Host: "h", Mailbox: "INBOX"}, "imap://h/INBOX"},
	{"RFC 5234, section 2.3: keywords in any case", "imap://;auth=Plain@h/m;uidvalidity=1/;Uid=2",
		URL{Auth: "Plain", Host: "h", Mailbox: "m", UIDValidity: 1, UID: 2},
		"imap://;AUTH=Plain@h/m;UIDVALIDITY=1/;UID=2"},
	{"RFC 3986, section 2.1: digits in any case", "imap://h/%c3%bc",
		URL{Host: "h", Mailbox: "ü"}, "imap://h/%C3%BC"},
	{"RFC 3986, section 2.3: unreserved octets", "imap://h/%49%6eBOX",
		URL{Host: "h", Mailbox: "InBOX"}, "imap://h/InBOX"},
	{"RFC 5092, section 3.2: reserved octets in user names", "imap://a%3Bb%40c%2Fd%3A@h",
		URL{User: "a;b@c/d:", Host: "h"}, ""},
	{"RFC 5092, section 11: bchar has / : @", "imap://h/a/b:c@d/",
		URL{Host: "h", Mailbox: "a/b:c@d/"}, ""},
	{"RFC 5092, section 11: bchar has /", "imap://h//a",
		URL{Host: "h", Mailbox: "/a"}, ""},
	{"RFC 5092, section 11: the last / is iuid's", "imap://h/a//;UID=1",
		URL{Host: "h", Mailbox: "a/", UID: 1}, ""},
	{"RFC 5092, section 11: the / is the mailbox's", "imap://h/a/;UIDVALIDITY=4294967295/;UID=4294967295",
		URL{Host: "h", Mailbox: "a/", UIDValidity: 4294967295, UID: 4294967295}, ""},
	{"RFC 5092, section 5: ; and ? in names", "imap://h/a%3BUIDVALIDITY=1%3Fb%25",
		URL{Host: "h", Mailbox: "a;UIDVALIDITY=1?b%"}, ""},
	{"RFC 3501, section 9: a name may hold CR LF", "imap://h/a%0D%0Ab",
		URL{Host: "h", Mailbox: "a\r\nb"}, ""},
	{"RFC 3501, section 9: an atom may hold / and @", "imap://;AUTH=X%2FY%40Z@h",
		URL{Auth: "X/Y@Z", Host: "h"}, ""},
	{"RFC 3986, section 3.2.2: IPv6", "imap://u@[2001:db8::7]:1143/m",
		URL{User: "u", Host: "2001:db8::7", Port: 1143, Mailbox: "m"}, ""},
	{"RFC 3986, section 3.2.2: IPv6, case kept", "imap://[::FFFF:129.144.52.38]",
		URL{Host: "::FFFF:129.144.52.38"}, ""},
	{"RFC 3986, section 3.2.2: IPv4", "imap://192.0.2.1:993/",
		URL{Host: "192.0.2.1", Port: 993, Slash: true}, ""},
	{"RFC 3986, section 3.2.2: UTF-8 names", "imap://m%C3%BCll.example",
		URL{Host: "müll.example"}, ""},
	{"RFC 3986, section 3.2.2: sub-delims", "imap://a;b=c/m",
		URL{Host: "a;b=c", Mailbox: "m"}, ""},
	{"RFC 3986, section 6.2.3: empty port", "imap://h:/m",
		URL{Host: "h", Mailbox: "m"}, "imap://h/m"},
	{"RFC 3986, section 3.2.3: leading zeros", "imap://h:00143",
		URL{Host: "h", Port: 143}, "imap://h:143"},
}

func TestParseAccepted(t *testing.T) {
	for _, tt := range accepted {
		t.Run(tt.in, func(t *testing.T) {
			got, err := Parse(tt.in)
			require.NoError(t, err, tt.source)
			require.Equal(t, tt.want, got, tt.source)
			out := tt.out
			if out == "" {
				out = tt.in
			}
			text, err := got.MarshalText()
			require.NoError(t, err)
			require.Equal(t, out, string(text), tt.source)
			require.Equal(t, out, got.String())
		})
	}
}

// refused are texts with the error's offset and what it must say.
var refused = []struct {
	reason string
	in     string
	offset int
	text   string
}{
	{"RFC 5092, section 9: part of a message", "imap://minbari.example.org/gray-council;UIDVALIDITY=385759045/;UID=20/;PARTIAL=0.1024", 69, "not supported: a message part"},
	{"RFC 5092, section 9: body section", "imap://;AUTH=GSSAPI@minbari.example.org/gray-council/;uid=20/;section=1.2", 60, "not supported: a message part"},
	{"RFC 5092, section 9: search", "imap://;AUTH=*@minbari.example.org/gray%20council?SUBJECT%20shadows", 49, "not supported: a search"},
	{"RFC 5092, section 9: search", "imap://h/m;UIDVALIDITY=1?SUBJECT%20shadows", 24, "not supported: a search"},
	{"RFC 5092, section 6.1: URLAUTH", "imap://h/m/;uid=20;URLAUTH=anonymous:internal:91354a473744909de610943775f92038", 18, "not supported: URLAUTH"},
	{"RFC 5092, section 6.1: URLAUTH", "imap://h/m/;uid=20;expire=2026-01-01T00:00:00Z;urlauth=anonymous", 18, "not supported: URLAUTH"},
	{"RFC 5092, section 6.1: URLAUTH after a section", "imap://joe@example.com/INBOX/;uid=20/;section=1.2;urlauth=submit+fred:internal:91354a473744909de610943775f92038", 36, "not supported: a message part"},
	{"RFC 5092, section 9: relative reference", ";section=1.4", 0, "not supported: a relative reference"},
	{"RFC 5092, section 7: relative reference", "/INBOX/;UID=1", 0, "not supported: a relative reference"},
	{"RFC 5092, section 7: relative reference", "//h/INBOX", 0, "not supported: a relative reference"},
	{"RFC 5092, section 11: ipath-empty", "", 0, "not supported: a relative reference"},

	{"another scheme", "http://h/", 0, `"imap://"`},
	{"another scheme", "imaps://h/", 0, `"imap://"`},
	{"no authority", "imap:INBOX", 5, `"//"`},
	{"a colon alone", "imap:/h", 5, `"//"`},
	{"no host: imap has no default", "imap://", 7, "a host"},
	{"no host", "imap:///INBOX", 7, "a host"},
	{"no host", "imap://u@/INBOX", 9, "a host"},
	{"no host", "imap://:143", 7, "a host"},
	{"neither user nor AUTH", "imap://@h/", 7, "a user name"},
	{"Cyrus 2.5: enc-user has no @", "imap://john@example.org@imap.example.org/INBOX", 11, "octet of a user name"},
	{"a password: enc-user has no :", "imap://u:p@h", 8, "octet of a user name"},
	{"not AUTH", "imap://u;AUTHX=*@h", 8, "octet of a user name"},
	{"AUTH cut short", "imap://u;AUTH@h", 8, "octet of a user name"},
	{"no mechanism", "imap://;AUTH=@h", 13, "a mechanism"},
	{"RFC 5092, section 3.2: %2A is not any", "imap://;AUTH=%2A@h", 13, "a mechanism"},
	{"a mechanism is an atom", "imap://;AUTH=A%20B@h", 13, "a mechanism"},
	{"a mechanism is an atom", "imap://;AUTH=**@h", 13, "a mechanism"},
	{"no encoded octet", "imap://;AUTH=A%2@h", 14, "hexadecimal"},
	{"AUTH twice", "imap://;AUTH=A;AUTH=B@h", 14, "octet of a mechanism"},
	{"a space", "imap://a b/", 8, `":", "/" or the end`},
	{"a host hiding delimiters", "imap://a%2Fb/", 7, "a host"},
	{"a host hiding delimiters", "imap://a%40b/", 7, "a host"},
	{"a host hiding a port", "imap://a%3A1/", 7, "a host"},
	{"a host with NUL", "imap://a%00/", 7, "UTF-8 without NUL"},
	{"no IPv6 address", "imap://[1.2.3.4]/", 7, "an IPv6 address"},
	{"brackets open", "imap://[::1/", 7, "an IPv6 address"},
	{"RFC 3986 has no zones", "imap://[fe80::1%25eth0]/", 7, "an IPv6 address"},
	{"IPvFuture", "imap://[v1.x]/", 7, "an IPv6 address"},
	{"text after the brackets", "imap://[::1]x/", 12, `":", "/" or the end`},
	{"port 0", "imap://h:0/", 9, "a port"},
	{"port too large", "imap://h:65536/", 9, "a port"},
	{"port too large for 64 bits", "imap://h:18446744073709551759", 9, "a port"},
	{"port is no number", "imap://h:imap/", 9, "a digit"},
	{"a query on the server", "imap://h?x", 8, `"/" or the end`},
	{"a fragment", "imap://h#x", 8, `"/" or the end`},
	{"a search without a mailbox", "imap://h/?ALL", 9, "a mailbox name"},
	{"a fragment", "imap://h/m#x", 10, "octet of a mailbox name"},
	{"a space in a name", "imap://h/a b", 10, "octet of a mailbox name"},
	{"8-bit in a name", "imap://h/Entwürfe", 13, "octet of a mailbox name"},
	{"CR LF in a name", "imap://h/a\r\nb", 10, "octet of a mailbox name"},
	{"a bare quote", `imap://h/"a"`, 9, "a mailbox name"},
	{"half an encoded octet", "imap://h/a%4", 10, "hexadecimal"},
	{"no encoded octet", "imap://h/a%G0b", 10, "hexadecimal"},
	{"no encoded octet", "imap://u%@h/", 8, "hexadecimal"},
	{"NUL", "imap://h/a%00b", 9, "UTF-8 without NUL"},
	{"not UTF-8", "imap://h/a%FFb", 9, "UTF-8 without NUL"},
	{"not UTF-8: a surrogate", "imap://h/%ED%A0%80", 9, "UTF-8 without NUL"},
	{"not UTF-8 in a user name", "imap://%C3@h/", 7, "UTF-8 without NUL"},
	{"UIDVALIDITY without a mailbox", "imap://h/;UIDVALIDITY=1", 9, "a mailbox name"},
	{"UID without a mailbox", "imap://h/;UID=1", 9, "a mailbox name"},
	{"UID without a mailbox", "imap://h//;UID=1", 9, "a mailbox name"},
	{"UID without a slash", "imap://h/m;UID=1", 10, `"/;UID="`},
	{"UIDVALIDITY 0", "imap://h/m;UIDVALIDITY=0", 23, "1 to 4294967295"},
	{"leading zero", "imap://h/m;UIDVALIDITY=01", 23, "1 to 4294967295"},
	{"too large", "imap://h/m;UIDVALIDITY=4294967296", 23, "1 to 4294967295"},
	{"too large for 64 bits", "imap://h/m/;UID=18446744073709551617", 16, "1 to 4294967295"},
	{"no number", "imap://h/m/;UID=", 16, "1 to 4294967295"},
	{"a set", "imap://h/m/;UID=1:2", 17, "the end"},
	{"a slash after UIDVALIDITY", "imap://h/m;UIDVALIDITY=1/", 24, `"/;UID="`},
	{"UIDVALIDITY twice", "imap://h/m;UIDVALIDITY=1;UIDVALIDITY=1", 24, `"/;UID="`},
	{"UID twice", "imap://h/m/;UID=1/;UID=1", 17, "the end"},
	{"UIDVALIDITY after UID", "imap://h/m/;UID=1;UIDVALIDITY=1", 17, "the end"},
	{"a search of a message", "imap://h/m/;UID=1?ALL", 17, "the end"},
	{"a section without a message", "imap://h/m/;SECTION=1", 10, "octet of a mailbox name"},
	{"URLAUTH without a message", "imap://h/m;URLAUTH=anonymous", 10, "octet of a mailbox name"},
	{"a longer keyword", "imap://h/m;UIDVALIDITYX=1", 10, "octet of a mailbox name"},
}

func TestParseRefused(t *testing.T) {
	for _, tt := range refused {
		t.Run(tt.in, func(t *testing.T) {
			got, err := Parse(tt.in)
			require.Error(t, err, tt.reason)
			require.Zero(t, got)
			var syntax *SyntaxError
			require.ErrorAs(t, err, &syntax)
			require.Equal(t, tt.offset, syntax.Offset, err.Error())
			require.ErrorContains(t, err, tt.text, tt.reason)
			require.NotEqual(t, syntax.Expected == "", syntax.Unsupported == "")
		})
	}
}

func TestUnmarshalTextKeepsValueOnError(t *testing.T) {
	u := URL{Host: "h"}
	require.Error(t, u.UnmarshalText([]byte("imap://")))
	require.Equal(t, URL{Host: "h"}, u)
	require.NoError(t, u.UnmarshalText([]byte("imap://x/m")))
	require.Equal(t, URL{Host: "x", Mailbox: "m"}, u)
}
