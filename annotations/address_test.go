package annotations_test

import (
	"strings"
	"testing"

	"github.com/golemonade/lemonade/annotations"
	"github.com/stretchr/testify/require"
)

const (
	sms  = annotations.MechanismSMS
	mms  = annotations.MechanismMMS
	sip  = annotations.MechanismSIP
	xmpp = annotations.MechanismXMPP
	udp  = annotations.MechanismUDP
	none = annotations.MechanismNone
)

var mechanisms = []annotations.Mechanism{none, sms, mms, sip, xmpp, udp}

var (
	label63 = strings.Repeat("a", 63)
	name253 = strings.Repeat(label63+".", 3) + strings.Repeat("b", 61)
	part    = strings.Repeat("p", 1023)
)

var addresses = []struct {
	source    string
	mechanism annotations.Mechanism
	address   string
}{
	{"ITU-T E.164: 15 digits at most", sms, "+123456789012345"},
	{"the shortest taken", sms, "+49"},
	{"RFC 3966, section 6: tel:+1-201-555-0123 bare", mms, "+12015550123"},
	{"RFC 3261, section 19.1.3: example", sip, "sip:alice@atlanta.com"},
	{"RFC 3261, section 19.1.3: example", sip, "sip:alice:secretword@atlanta.com;transport=tcp"},
	{"RFC 3261, section 19.1.3: example", sip, "sips:alice@atlanta.com?subject=project%20x&priority=urgent"},
	{"RFC 3261, section 19.1.3: example", sip, "sip:+1-212-555-1212:1234@gateway.com;user=phone"},
	{"RFC 3261, section 19.1.3: example", sip, "sips:1212@gateway.com"},
	{"RFC 3261, section 19.1.3: example", sip, "sip:alice@192.0.2.4"},
	{"RFC 3261, section 19.1.3: example", sip, "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com"},
	{"RFC 3261, section 19.1.3: example", sip, "sip:alice;day=tuesday@atlanta.com"},
	{"RFC 3261, section 19.1.4: example", sip, "SIP:ALICE@AtLanTa.CoM;Transport=udp"},
	{"RFC 3261, section 19.1.4: example", sip, "sip:carol@chicago.com;newparam=5"},
	{"RFC 3261, section 19.1.4: example", sip, "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com"},
	{"RFC 3261, section 25.1: IPv6reference, port", sip, "sip:alice@[2001:db8::10]:5070"},
	{"RFC 3261, section 25.1: hvalue may be empty", sip, "sip:a@b?subject="},
	{"RFC 3261, section 25.1: flag parameter", sip, "sip:a@b:5060;lr"},
	{"an address as people write it", sip, "alice@atlanta.com"},
	{"an address with IPv6", sip, "alice@[::1]"},
	{"RFC 7622, section 3.5: example 1", xmpp, "juliet@example.com"},
	{"RFC 7622, section 3.5: example 2", xmpp, "juliet@example.com/foo"},
	{"RFC 7622, section 3.5: example 3", xmpp, "juliet@example.com/foo bar"},
	{"RFC 7622, section 3.5: example 4", xmpp, "juliet@example.com/foo@bar"},
	{"RFC 7622, section 3.5: example 5", xmpp, `foo\20bar@example.com`},
	{"RFC 7622, section 3.5: example 6", xmpp, "fussball@example.com"},
	{"RFC 7622, section 3.5: example 7", xmpp, "fußball@example.com"},
	{"RFC 7622, section 3.5: example 8", xmpp, "π@example.com"},
	{"RFC 7622, section 3.5: example 12", xmpp, "king@example.com/♚"},
	{"RFC 7622, section 3.5: example 13", xmpp, "example.com"},
	{"RFC 7622, section 3.5: example 14", xmpp, "example.com/foobar"},
	{"RFC 7622, section 3.5: example 15", xmpp, "a.example.com/b@example.net"},
	{"RFC 7622, section 3.2: IP addresses", xmpp, "juliet@192.0.2.1"},
	{"RFC 7622, section 3.2: IP addresses", xmpp, "juliet@[2001:db8::1]/x/y"},
	{"RFC 7622, section 3.2: U-labels", xmpp, "a@" + strings.Repeat("é", 50) + ".example"},
	{"RFC 7622, section 3.1: 1023 octets", xmpp, part + "@" + name253 + "/" + part},
	{"RFC 3986, section 3.2", udp, "device.example.net:143"},
	{"RFC 3986, section 3.2.2: IPv4address", udp, "192.0.2.1:2948"},
	{"RFC 3986, section 3.2.2: IP-literal", udp, "[2001:db8::7]:65535"},
	{"RFC 3986, section 3.2.2: IPv4 in IPv6", udp, "[::ffff:192.0.2.1]:1"},
	{"RFC 1123, section 2.1: a digit first", udp, "3com.com:1"},
	{"RFC 1035, section 2.3.4", udp, name253 + ":1"},
	{"one label", udp, "localhost:2948"},
	{"nothing needed", none, ""},
	{"kept for later", none, "+49 any text, é"},
}

func TestAddressAccepted(t *testing.T) {
	for _, tt := range addresses {
		require.NoError(t, annotations.ValidateAddress(tt.mechanism, tt.address), "%s: %s", tt.source, tt.address)
	}
}

func TestAddressRefused(t *testing.T) {
	const (
		e164 = "ITU-T E.164, section 6"
		host = "RFC 3986, section 3.2"
		uri  = "RFC 3261, section 25.1"
		jid  = "RFC 7622, section 3.1"
	)
	for _, tt := range []struct {
		mechanism     annotations.Mechanism
		address       string
		offset        int
		want, section string
	}{
		{sms, "", 0, `"+"`, e164},
		{sms, "12015550123", 0, `"+"`, e164},
		{sms, "0012015550123", 0, `"+"`, e164},
		{sms, "+", 1, "at least 2 digits", e164},
		{sms, "+1", 2, "at least 2 digits", e164},
		{sms, "+1234567890123456", 16, "at most 15 digits", e164},
		{sms, "+1-201-555-0123", 2, "DIGIT", e164},
		{sms, "+1 201", 2, "DIGIT", e164},
		{sms, "tel:+12015550123", 0, `"+"`, e164},
		{mms, "+१२३", 1, "DIGIT", e164}, // digits, but not those
		{mms, "alice@example.com", 0, `"+"`, e164},
		{sip, "", 0, `"sip:", "sips:" or user@host`, uri},
		{sip, "alice", 0, `"sip:", "sips:" or user@host`, uri},
		{sip, "tel:+12015550123", 0, `"sip:", "sips:" or user@host`, uri},
		{sip, "mailto:a@b", 6, `"@"`, uri}, // an unknown scheme
		{sip, "sip:", 4, "host of 1 to 253 characters", host},
		{sip, "sip:@b", 4, "user", uri},
		{sip, "@b", 0, "user", uri},
		{sip, "sip:a@", 6, "host of 1 to 253 characters", host},
		{sip, "sip:a@b@c", 7, "end of address", uri},
		{sip, "sip:a b@c", 5, `"@"`, uri},
		{sip, "sip:a%4@c", 5, `"@"`, uri},
		{sip, "sip:a:b:c@d", 7, `"@"`, uri},
		{sip, "sip:a@b:", 8, "port", host},
		{sip, "sip:a@b:0", 8, "port", host},
		{sip, "sip:a@b:65536", 8, "port of at most 65535", host},
		{sip, "sip:a@b:1x", 9, "end of address", uri},
		{sip, "sip:a@b;", 8, "pname", uri},
		{sip, "sip:a@b;x=", 10, "pvalue", uri},
		{sip, "sip:a@b?", 8, "hname", uri},
		{sip, "sip:a@b?x", 9, `"="`, uri},
		{sip, "sip:a@b?x=y&", 12, "hname", uri},
		{sip, "sip:a@b/c", 7, "end of address", uri},
		{sip, "a@b:5060", 3, "end of address", uri},
		{sip, "<sip:a@b>", 0, "user", uri},
		{sip, "sip:é@b", 4, "user", uri},
		{sip, "sip:a@[::1", 7, `IPv6 address and "]"`, host},
		{xmpp, "", 0, "host of 1 to 253 characters", host},
		{xmpp, "@example.com/", 0, "localpart of 1 to 1023 octets", jid}, // RFC 7622, section 3.5: example 19
		{xmpp, part + "p@example.com", 0, "localpart of 1 to 1023 octets", jid},
		{xmpp, "foo bar@example.com", 3, "octet of a localpart", jid},  // RFC 7622, section 3.5: example 17
		{xmpp, `"juliet"@example.com`, 0, "octet of a localpart", jid}, // RFC 7622, section 3.5: example 16
		{xmpp, "a:b@example.com", 1, "octet of a localpart", jid},
		{xmpp, "a@b@c", 3, "letter, digit or hyphen", host},
		{xmpp, "juliet@", 7, "host of 1 to 253 characters", host}, // RFC 7622, section 3.5: example 22
		{xmpp, "/foobar", 0, "host of 1 to 253 characters", host}, // RFC 7622, section 3.5: example 23
		{xmpp, "juliet@/x", 7, "host of 1 to 253 characters", host},
		{xmpp, "juliet@example.com/", 19, "resourcepart of 1 to 1023 octets", jid}, // RFC 7622, section 3.5: example 18
		{xmpp, "a@b/" + part + "p", 4, "resourcepart of 1 to 1023 octets", jid},
		{xmpp, "a@[::1]x", 7, `"/" or end of address`, jid},
		{xmpp, "a@[192.0.2.1]", 3, `IPv6 address and "]"`, host},
		{xmpp, "a@example.com.", 14, "label of 1 to 63 characters", host}, // RFC 7622, section 3.2: to be stripped before use
		{xmpp, "xmpp:a@b", 4, "octet of a localpart", jid},                // a URI, not a JID
		{udp, "", 0, "host of 1 to 253 characters", host},
		{udp, "192.0.2.1", 9, `":" and a port`, host},
		{udp, "device.example.net", 18, `":" and a port`, host},
		{udp, ":143", 0, "host of 1 to 253 characters", host},
		{udp, "h:", 2, "port", host},
		{udp, "h:0", 2, "port", host},
		{udp, "h:0143", 2, "port", host},
		{udp, "h:65536", 2, "port of at most 65535", host},
		{udp, "h:99999999999999999999", 2, "port of at most 65535", host},
		{udp, "h:-1", 2, "port", host},
		{udp, "h:143x", 5, "port", host},
		{udp, "h:143/", 5, "port", host},
		{udp, "h:imap", 2, "port", host},
		{udp, "2001:db8::7:143", 0, "IPv4 address or host name", host}, // brackets needed
		{udp, "[2001:db8::7]", 13, `":" and a port`, host},
		{udp, "[2001:db8::7:143", 1, `IPv6 address and "]"`, host},
		{udp, "[::g]:1", 1, `IPv6 address and "]"`, host},
		{udp, "[192.0.2.1]:1", 1, `IPv6 address and "]"`, host},
		{udp, "[fe80::1%eth0]:1", 1, `IPv6 address and "]"`, host}, // a zone of whose machine?
		{udp, "[]:1", 1, `IPv6 address and "]"`, host},
		{udp, "256.0.0.1:1", 0, "IPv4 address or host name", host},
		{udp, "1.2.3:1", 0, "IPv4 address or host name", host},
		{udp, "a..b:1", 2, "label of 1 to 63 characters", host},
		{udp, ".a:1", 0, "label of 1 to 63 characters", host},
		{udp, "-a:1", 0, "letter or digit", host},
		{udp, "b.a-:1", 3, "letter or digit", host},
		{udp, "a_b:1", 1, `":" and a port`, host},
		{udp, "é:1", 0, "host of 1 to 253 characters", host},
		{udp, label63 + "a:1", 0, "label of 1 to 63 characters", host},
		{udp, name253 + "b:1", 0, "host of 1 to 253 characters", host},
		{udp, "udp://h:1", 4, "port", host}, // a URI; "udp" would be the host
		{none, "a\tb", 1, "no control character", section113},
		{none, "a\u0085", 1, "no control character", section113},
		{none, "aé\xff", 3, "UTF-8", section113},
		{none, strings.Repeat("a", annotations.MaxAddress+1), annotations.MaxAddress, "at most 3071 octets", jid},
		{"", "+12", 0, "", ""},
		{"sms", "+12", 0, "", ""},
	} {
		err := annotations.ValidateAddress(tt.mechanism, tt.address)
		var e *annotations.ValueError
		require.ErrorAs(t, err, &e, "%s %s", tt.mechanism, tt.address)
		if tt.want == "" { // the mechanism is wrong, not the address
			require.Equal(t, string(tt.mechanism), e.Value)
			continue
		}
		require.Equal(t, &annotations.ValueError{
			Value: tt.address, Offset: tt.offset, Want: tt.want, Section: tt.section,
		}, e)
	}
}

func TestAddressInjection(t *testing.T) {
	for _, tt := range addresses {
		for _, c := range []string{"\r", "\n", "\x00", "\r\n"} {
			middle := len(tt.address) / 2
			for _, address := range []string{
				c + tt.address, tt.address + c, tt.address[:middle] + c + tt.address[middle:],
			} {
				require.Error(t, annotations.ValidateAddress(tt.mechanism, address), "%s %q", tt.mechanism, address)
			}
		}
	}
}

// Every octet within an address of each mechanism, against the sets spelled out.
func TestAddressOctets(t *testing.T) {
	const (
		digit    = "0123456789"
		alphanum = digit + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		mark     = "-_.!~*'()"
	)
	for _, tt := range []struct {
		name          string
		mechanism     annotations.Mechanism
		before, after string
		set           string
	}{
		{"digit", sms, "+12", "34", digit},
		{"user", sip, "sip:ab", "gh@h", alphanum + mark + "&=+$,;?/" + ":"}, // ":" starts a password
		{"password", sip, "sip:u:ab", "gh@h", alphanum + mark + "&=+$,"},
		{"pvalue", sip, "sip:u@h;a=b", "g", alphanum + mark + "[]/:&+$" + ";"}, // ";" starts another
		{"hvalue", sip, "sip:u@h?a=b", "g", alphanum + mark + "[]/?:+$"},
		{"host", udp, "ab", "cd:1", alphanum + "-."},
	} {
		for i := range 256 {
			c := byte(i)
			address := tt.before + string([]byte{c}) + tt.after
			err := annotations.ValidateAddress(tt.mechanism, address)
			require.Equal(t, strings.IndexByte(tt.set, c) >= 0, err == nil, "%s %q: %v", tt.name, address, err)
		}
	}
	for i := range 0x80 { // RFC 7622, section 3.3.1, and section 3.4 for controls
		c := byte(i)
		control := c < 0x20 || c == 0x7f
		for _, tt := range []struct {
			before, after, not string
		}{
			{"ab", "cd@h", "\"&':<> @"}, // "/" starts a resource
			{"a@h/ab", "cd", ""},
		} {
			err := annotations.ValidateAddress(xmpp, tt.before+string([]byte{c})+tt.after)
			require.Equal(t, !control && strings.IndexByte(tt.not, c) < 0, err == nil, "%q: %v", c, err)
		}
	}
}
