package msgevent

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAppendJSON(t *testing.T) {
	b, err := full().AppendJSON([]byte("x"))
	require.NoError(t, err)
	require.Equal(t, "x"+fullJSON, string(b))

	var e Event
	require.NoError(t, e.UnmarshalJSON([]byte(fullJSON)))
	require.Equal(t, *full(), e)

	// By value and by pointer, alone and inside something else.
	for _, v := range []any{*full(), full()} {
		out, err := json.Marshal([]any{v})
		require.NoError(t, err)
		require.JSONEq(t, "["+fullJSON+"]", string(out))
	}
}

func TestUnmarshalJSON(t *testing.T) {
	tests := []struct {
		source string
		in     string
		out    string
	}{
		{"only the event", `{"event":"Login"}`, `{"event":"Login"}`},
		{"RFC 8259, section 2: white space", " \t\r\n{ \"a\" : [ 1 , { \"b\" : \" \\\" \" } ] , \"event\" : \"Login\" } \n",
			`{"event":"Login","a":[1,{"b":" \" "}]}`},
		{"RFC 8259, section 4: members in any order", `{"user":"a","event":"Login"}`, `{"event":"Login","user":"a"}`},
		{"RFC 8259, section 8.3: escapes in names", `{"\u0065vent":"Login","\u0075ser":"a"}`, `{"event":"Login","user":"a"}`},
		{"Cyrus, name_to_mboxevent: names in any case", `{"event":"messagenew"}`, `{"event":"MessageNew"}`},
		{"Dovecot 2.3.19.1", `{"event":"MailboxUnsubscribe"}`, `{"event":"MailboxUnSubscribe"}`},
		{"Cyrus 3.6.1", `{"event":"AclChange","user":""}`, `{"event":"AclChange","user":""}`},
		{"all that may be empty", `{"event":"X","messageContent":"","tags":[ ],"flagNames":"","bodyStructure":""}`,
			`{"event":"X","flagNames":"","tags":[],"bodyStructure":"","messageContent":""}`},
		{"values of extensions stay", `{"event":"X","a":{"b":1e400,"b":2},"c":"\ud800"}`, `{"event":"X","a":{"b":1e400,"b":2},"c":"\ud800"}`},
		{"RFC 8259, section 7: escapes", `{"event":"X","user":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\u001f"}`,
			`{"event":"X","user":"\"\\/\b\f\n\r\té😀\u001f"}`},
		{"RFC 4315, section 4: ranges either way, in any order", `{"event":"X","uidset":"9:7,3,1:2,8:12,4294967295,4294967294"}`,
			`{"event":"X","uidset":"1:3,7:12,4294967294:4294967295"}`},
		{"RFC 3339, section 5.8", `{"event":"X","timestamp":"1985-04-12T23:20:50.52Z"}`, `{"event":"X","timestamp":"1985-04-12T23:20:50.520Z"}`},
		{"RFC 3339, section 5.8", `{"event":"X","timestamp":"1996-12-19T16:39:57-08:00"}`, `{"event":"X","timestamp":"1996-12-19T16:39:57.000-08:00"}`},
		{"RFC 3339, section 5.8", `{"event":"X","timestamp":"1937-01-01T12:00:27.87+00:20"}`, `{"event":"X","timestamp":"1937-01-01T12:00:27.870+00:20"}`},
		{"RFC 3339, section 5.6: in any case", `{"event":"X","timestamp":"2026-11-22t01:40:44.1234567z"}`, `{"event":"X","timestamp":"2026-11-22T01:40:44.1234567Z"}`},
		{"RFC 3339, section 5.6: more digits", `{"event":"X","timestamp":"2026-11-22T01:40:44.12345678999Z"}`, `{"event":"X","timestamp":"2026-11-22T01:40:44.123456789Z"}`},
		{"RFC 3339, section 4.3: unknown offset", `{"event":"X","timestamp":"2026-11-22T01:40:44-00:00"}`, `{"event":"X","timestamp":"2026-11-22T01:40:44.000Z"}`},
		{"RFC 4291, section 2.2", `{"event":"X","clientIP":"2001:DB8:0:0:8:800:200C:417A"}`, `{"event":"X","clientIP":"2001:db8::8:800:200c:417a"}`},
		{"RFC 4007, section 11", `{"event":"X","clientIP":"fe80::1%\"e\""}`, `{"event":"X","clientIP":"fe80::1%\"e\""}`},
		{"RFC 8259, section 6: -0", `{"event":"X","diskUsed":-0}`, `{"event":"X","diskUsed":0}`},
		{"numbers beyond 2^53", `{"event":"X","modseq":9007199254740993,"messageSize":9007199254740993}`, `{"event":"X","modseq":9007199254740993,"messageSize":9007199254740993}`},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			e := Event{User: "old"}
			require.NoError(t, e.UnmarshalJSON([]byte(tt.in)), tt.source)
			out, err := e.AppendJSON(nil)
			require.NoError(t, err)
			require.Equal(t, tt.out, string(out), tt.source)
		})
	}
}

func TestUnmarshalJSONRefused(t *testing.T) {
	tests := []struct {
		reason string
		in     string
		name   string
		offset int
		text   string
	}{
		{"nothing", ``, "", 0, "a JSON object"},
		{"null", `null`, "", 0, "a JSON object"},
		{"an array", `[{"event":"X"}]`, "", 0, "a JSON object"},
		{"no event", `{}`, "event", 2, "the member"},
		{"no event", `{"user":"a"}`, "event", 12, "the member"},
		{"member names have one case", `{"Event":"Login"}`, "event", 17, "the member"},
		{"event is empty", `{"event":""}`, "event", 9, "printable"},
		{"RFC 5423, section 3", `{"event":"a b"}`, "event", 9, "printable"},
		{"RFC 5423, section 3", `{"event":"a\n"}`, "event", 9, "printable"},
		{"RFC 5423, section 3", `{"event":"X","a b":1}`, "a b", 13, "printable"},
		{"RFC 5423, section 3", `{"event":"X","":1}`, "", 13, "printable"},
		{"half a surrogate pair in a name", `{"event":"X","\ud800":1}`, "", 13, "printable"},
		{"twice", `{"event":"X","event":"Y"}`, "event", 13, "once"},
		{"twice", `{"event":"X","user":"a","user":"a"}`, "user", 24, "once"},
		{"twice, once empty", `{"event":"X","user":"","user":"a"}`, "user", 23, "once"},
		{"twice, an extension", `{"event":"X","vnd.a":1,"vnd.b":1,"vnd.\u0061":2}`, "vnd.a", 33, "once"},
		{"text after the object", `{"event":"X"}{}`, "", 13, "the end"},
		{"cut short", `{"event":"X"`, "", 12, `"," or "}"`},
		{"cut short", `{"event":"X`, "event", 11, `"\""`},
		{"cut short", `{"event"`, "event", 8, `":"`},
		{"cut short", `{`, "", 1, "a string"},
		{"a comma too many", `{"event":"X",}`, "", 13, "a string"},
		{"no comma", `{"event":"X" "user":"a"}`, "", 13, `"," or "}"`},
		{"a name that is no string", `{event:"X"}`, "", 1, "a string"},
		{"no value", `{"event":}`, "event", 9, "a JSON value"},
		{"not UTF-8", "{\"event\":\"X\",\"user\":\"a\xFFb\"}", "user", 22, "UTF-8"},
		{"not UTF-8 in an extension", "{\"event\":\"X\",\"vnd.a\":[\"\xED\xA0\x80\"]}", "vnd.a", 23, "UTF-8"},
		{"a control character", "{\"event\":\"X\",\"user\":\"a\nb\"}", "user", 22, "control"},
		{"an unknown escape", `{"event":"X","user":"\x"}`, "user", 22, "an escape"},
		{"a short escape", `{"event":"X","user":"\u12"}`, "user", 25, "hexadecimal"},
		{"half a surrogate pair", `{"event":"X","user":"\ud800x"}`, "user", 20, "UTF-8"},
		{"half a surrogate pair", `{"event":"X","user":"\udc00\ud800"}`, "user", 20, "UTF-8"},
		{"half a surrogate pair", `{"event":"X","user":"\ud83d\u0041"}`, "user", 20, "UTF-8"},
		{"bad JSON in an extension", `{"event":"X","a":[1,]}`, "a", 20, "a JSON value"},
		{"bad JSON in an extension", `{"event":"X","a":[1 2]}`, "a", 20, `"," or "]"`},
		{"bad JSON in an extension", `{"event":"X","a":{"b" 2}}`, "a", 22, `":"`},
		{"bad JSON in an extension", `{"event":"X","a":{2}}`, "a", 18, "a string"},
		{"bad JSON in an extension", `{"event":"X","a":tru}`, "a", 20, "true"},
		{"bad JSON in an extension", `{"event":"X","a":falsy}`, "a", 21, "false"},
		{"bad JSON in an extension", `{"event":"X","a":01}`, "", 18, `"," or "}"`},
		{"bad JSON in an extension", `{"event":"X","a":-}`, "a", 18, "a digit"},
		{"bad JSON in an extension", `{"event":"X","a":1.}`, "a", 19, "a digit"},
		{"bad JSON in an extension", `{"event":"X","a":1e+}`, "a", 20, "a digit"},
		{"nested too deep", `{"event":"X","a":` + strings.Repeat("[", 300), "a", 17 + maxDepth - 1, "less nesting"},

		{"null is no string", `{"event":"X","user":null}`, "user", 20, "a string"},
		{"null is no number", `{"event":"X","messages":null}`, "messages", 24, "a whole number"},
		{"a number is no string", `{"event":"X","uidset":1}`, "uidset", 22, "a string"},
		{"a string is no number", `{"event":"X","pid":"1"}`, "pid", 19, "a whole number"},
		{"an array is no string: Cyrus sends one", `{"event":"X","flagNames":["\\Seen"]}`, "flagNames", 25, "a string"},
		{"a string is no array", `{"event":"X","tags":"a,b"}`, "tags", 20, "an array"},
		{"not only strings", `{"event":"X","tags":["a",1]}`, "tags", 20, "an array of strings"},
		{"half a surrogate pair", `{"event":"X","tags":["\ud800"]}`, "tags", 20, "UTF-8"},
		{"a fraction", `{"event":"X","pid":1.0}`, "pid", 19, "a whole number"},
		{"an exponent", `{"event":"X","pid":1e3}`, "pid", 19, "a whole number"},
		{"below", `{"event":"X","pid":0}`, "pid", 19, "from 1 to 2147483647"},
		{"below", `{"event":"X","messages":-1}`, "messages", 24, "from 0 to 4294967295"},
		{"below", `{"event":"X","maxMessages":-2}`, "maxMessages", 27, "from -1 to"},
		{"below", `{"event":"X","diskUsed":-1}`, "diskUsed", 24, "from 0 to 9223372036854775807"},
		{"below", `{"event":"X","uidnext":0}`, "uidnext", 23, "from 1 to 4294967295"},
		{"below", `{"event":"X","modseq":0}`, "modseq", 22, "from 1 to 18446744073709551615"},
		{"below", `{"event":"X","serverPort":0}`, "serverPort", 26, "from 1 to 65535"},
		{"above", `{"event":"X","clientPort":65536}`, "clientPort", 26, "from 1 to 65535"},
		{"above", `{"event":"X","pid":2147483648}`, "pid", 19, "from 1 to"},
		{"above", `{"event":"X","messages":4294967296}`, "messages", 24, "from 0 to"},
		{"above", `{"event":"X","diskQuota":9223372036854775808}`, "diskQuota", 25, "from 0 to"},
		{"above", `{"event":"X","modseq":18446744073709551616}`, "modseq", 22, "from 1 to"},
		{"above", `{"event":"X","maxMessages":-9223372036854775808}`, "maxMessages", 27, "from -1 to"},
	}
	for _, set := range []string{"", "*", "1:*", "$", "0", "1:0", "01", "4294967296", "1,", ",1", "1:2:3", "1:", "1 ,2", "a", "+1", "-1", "1_0"} {
		tests = append(tests, struct {
			reason string
			in     string
			name   string
			offset int
			text   string
		}{"no set of UIDs: " + set, `{"event":"X","uidset":"` + set + `"}`, "uidset", 22, "UIDs"})
	}
	for _, flags := range []string{" ", `\\Seen `, `\\Seen  \\Draft`, `\\`, `a\\b`, "(a)", "a]", `\\*`, `a\u0000`, `a\tb`, "a\u007f", "ü"} {
		tests = append(tests, struct {
			reason string
			in     string
			name   string
			offset int
			text   string
		}{"no flags: " + flags, `{"event":"X","flagNames":"` + flags + `"}`, "flagNames", 25, "IMAP flags"})
	}
	for _, ts := range []string{
		"", "2026-11-22", "2026-11-22 01:40:44Z", "2026-11-22T01:40:44", "2026-11-22T01:40Z", "2026-13-22T01:40:44Z",
		"2026-02-29T01:40:44Z", "2026-11-22T24:00:00Z", "2026-11-22T01:60:00Z", "2026-11-22T1:40:44Z", "2026-11-22T01:40:44,5Z",
		"2026-11-22T01:40:44.Z", "2026-11-22T01:40:44+0100", "2026-11-22T01:40:44+24:00", "2026-11-22T01:40:44+01:60",
		"2026-11-22T01:40:44 01:00", "2026-11-22T01:40:44+1a:00", "2026-11-22T01:40:44Zx", "+026-11-22T01:40:44Z",
		"2016-12-31T23:59:60Z", "0001-01-01T00:00:00Z",
	} {
		tests = append(tests, struct {
			reason string
			in     string
			name   string
			offset int
			text   string
		}{"no timestamp: " + ts, `{"event":"X","timestamp":"` + ts + `"}`, "timestamp", 25, "RFC 3339"})
	}
	for _, ip := range []string{"", "127.0.0.01", "[::1]", "localhost", "1.2.3.4:143", "fe80::1%"} {
		tests = append(tests, struct {
			reason string
			in     string
			name   string
			offset int
			text   string
		}{"no address: " + ip, `{"event":"X","clientIP":"` + ip + `"}`, "clientIP", 24, "IPv4 or IPv6"})
	}
	for _, tt := range tests {
		t.Run(tt.reason, func(t *testing.T) {
			e := Event{User: "kept"}
			err := e.UnmarshalJSON([]byte(tt.in))
			require.Error(t, err)
			var parameter *ParameterError
			require.ErrorAs(t, err, &parameter)
			require.Equal(t, tt.name, parameter.Name, err.Error())
			require.Equal(t, tt.offset, parameter.Offset, err.Error())
			require.Contains(t, parameter.Expected, tt.text)
			require.Contains(t, err.Error(), fmt.Sprintf("offset %d:", tt.offset))
			require.Equal(t, Event{User: "kept"}, e)
		})
	}
}

func TestMaxExtensions(t *testing.T) {
	e := Event{Type: "X"}
	for i := range MaxExtensions {
		e.Extensions = append(e.Extensions, Extension{Name: fmt.Sprint("vnd.", i), Value: json.RawMessage("0")})
	}
	b, err := e.AppendJSON(nil)
	require.NoError(t, err)
	var got Event
	require.NoError(t, got.UnmarshalJSON(b))
	require.Equal(t, e, got)

	e.Extensions = append(e.Extensions, Extension{Name: "vnd.x", Value: json.RawMessage("0")})
	_, err = e.AppendJSON(nil)
	require.ErrorContains(t, err, wantFewer)
	b = append(b[:len(b)-1], `,"vnd.x":0}`...)
	require.ErrorContains(t, got.UnmarshalJSON(b), wantFewer)
}

func TestTimestampKeepsOffset(t *testing.T) {
	var e Event
	require.NoError(t, e.UnmarshalJSON([]byte(`{"event":"X","timestamp":"2026-11-22T01:40:44+05:45"}`)))
	_, offset := e.Timestamp.Zone()
	require.Equal(t, 5*3600+45*60, offset)
	require.True(t, e.Timestamp.Equal(time.Date(2026, 11, 21, 19, 55, 44, 0, time.UTC)))
}
