package emn

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const mailbox = `mailbox="mailat:a@b.example"`

func TestUnmarshal(t *testing.T) {
	emn := &Notification{Mailbox: "mailat:a@b.example"}
	xemn := func(x Extended) *Notification {
		return &Notification{Mailbox: emn.Mailbox, Extended: &x}
	}
	for _, tt := range []struct {
		source string
		xml    string
		want   *Notification
	}{
		{"draft-ietf-lemonade-notifications-04, section 9.1",
			"<emn\n mailbox=\"mailat:joe@foo.com\"\n timestamp=\"2004-02-20T06:40:00Z\">\n </emn>", draftEMN()},
		{"XML 1.0, section 2.8: declaration", `<?xml version='1.0' encoding="utf-8" standalone = "no" ?><emn ` + mailbox + `/>`, emn},
		{"XML 1.0, section 2.8: no encoding", `<?xml version="1.0" standalone="yes"?><emn ` + mailbox + `/>`, emn},
		{"XML 1.0, section 4.3.3: byte order mark", "\uFEFF<?xml version=\"1.0\"?>\n<emn " + mailbox + `/>`, emn},
		{"XML 1.0, section 2.8: Misc", " <!-- a - b --> <?xml-x?><?p ? > q?> <emn " + mailbox + "/> <!-- --><?x?>\r\n", emn},
		{"XML 1.0, section 2.8: system identifier", `<!DOCTYPE emn SYSTEM 'a"b' ><emn ` + mailbox + `/>`, emn},
		{"OMA identifiers seen in the field, one misspelt", `<!DOCTYPE emn PUBLIC "-//OMA/DTD EMN 1.0//EN" "http://www.openmobilealliance.com/tech/DTD/emn.dtd"><emn ` + mailbox + `/>`, emn},
		{"XML 1.0, section 2.8: Misc after the DOCTYPE", `<!DOCTYPE emn > <!-- --> <emn ` + mailbox + `/>`, emn},
		{"XML 1.0, section 3.1: white space in tags", "<emn\n" + mailbox + "\t></emn \r>", emn},
		{"XML 1.0, section 2.3: single quotes", `<emn mailbox = 'mailat:a@b.example' />`, emn},
		{"XML 1.0, section 3.1: attributes in any order", `<xemn uid="1" ` + mailbox + ` sender='"'/>`, xemn(Extended{UID: 1, Sender: `"`})},
		{"XML 1.0, section 4.6: predefined entities", `<xemn ` + mailbox + ` view="&lt;&gt;&amp;&quot;&apos;"/>`, xemn(Extended{View: `<>&"'`})},
		{"XML 1.0, section 4.1: character references", `<xemn ` + mailbox + ` view="&#233;&#x0E9;&#xe9;&#13;&#0010;&#x9;&#x10FFFF;"/>`, xemn(Extended{View: "ééé\r\n\t\U0010FFFF"})},
		{"XML 1.0, section 3.3.3: white space in values", "<xemn " + mailbox + " view='a\tb\nc\r\nd\re'/>", xemn(Extended{View: "a b c d e"})},
		{"XML 1.0, section 2.11: line ends in text", "<xemn " + mailbox + ">a\r\nb\rc\nd&#13;\r<![CDATA[\n\r\n]]></xemn>", xemn(Extended{Text: "a\nb\nc\nd\r\n\n\n"})},
		{"XML 1.0, section 3.1: text in pieces", "<xemn " + mailbox + "> a<!-- b -->c<?d?>e<![CDATA[<&]]>]]&gt; </xemn>", xemn(Extended{Text: " ace<&]]> "})},
		{"OMA EMN 1.0: EMPTY, nothing but white space", "<emn " + mailbox + "> <!-- --><![CDATA[\n]]></emn>", emn},
		{"empty strings are absent", `<xemn ` + mailbox + ` view="" sender="" subject=""></xemn>`, xemn(Extended{})},
		{"RFC 5423, section 4", `<xemn ` + mailbox + ` event="MailboxUnSubscribe"/>`, xemn(Extended{Event: "MailboxUnSubscribe"})},
		{"RFC 5423, section 6", `<xemn ` + mailbox + ` event="vnd.example.X"/>`, xemn(Extended{Event: "vnd.example.X"})},
		{"numbers at their limits", `<xemn ` + mailbox + ` uid="4294967295" sequence-id="18446744073709551615"/>`, xemn(Extended{UID: 1<<32 - 1, SequenceID: number(1<<64 - 1)})},
		{"RFC 3339, section 5.6: offset", `<xemn ` + mailbox + ` datetime="2004-02-20T06:39:12-01:30"/>`, xemn(Extended{Date: time.Date(2004, 2, 20, 8, 9, 12, 0, time.UTC)})},
		{"RFC 3339, section 5.6: fraction, lower case", `<xemn ` + mailbox + ` datetime="2004-02-20t06:39:12.1234567899z"/>`, xemn(Extended{Date: time.Date(2004, 2, 20, 6, 39, 12, 123456789, time.UTC)})},
		{"RFC 3339, appendix C: leap day", `<xemn ` + mailbox + ` timestamp="2004-02-29T00:00:00Z"/>`, &Notification{emn.Mailbox, time.Date(2004, 2, 29, 0, 0, 0, 0, time.UTC), &Extended{}}},
	} {
		var got Notification
		require.NoError(t, Unmarshal([]byte(tt.xml), &got, nil), "%s: %s", tt.source, tt.xml)
		require.Equal(t, tt.want, &got, "%s: %s", tt.source, tt.xml)

		lenient := &ParseOptions{Lenient: true, Report: func(i Issue) { t.Errorf("%s: %v", tt.source, i) }}
		require.NoError(t, Unmarshal([]byte(tt.xml), &got, lenient))
		require.Equal(t, tt.want, &got)
	}
}

// TestUnmarshalRefused has what neither mode takes. Where the modes have
// different reasons the offset is -1.
func TestUnmarshalRefused(t *testing.T) {
	for _, tt := range []struct {
		xml    string
		offset int
		want   string
	}{
		// Not a document.
		{``, 0, "an emn or xemn element"},
		{` `, 1, "an emn or xemn element"},
		{`emn`, 0, "an emn or xemn element"},
		{`<`, 1, "a name"},
		{`<1/>`, 1, "a name"},
		{`<si mailbox="m:"/>`, 1, "the name emn or xemn"},
		{`<EMN mailbox="m:"/>`, 1, "the name emn or xemn"},
		{`<x:emn mailbox="m:"/>`, 1, "the name emn or xemn"},
		{`<emnx mailbox="m:"/>`, 1, "the name emn or xemn"},

		// Characters, XML 1.0, section 2.2.
		{"<emn mailbox='\x00'/>", 14, "a character XML allows, in UTF-8"},
		{"<emn mailbox='\xff'/>", 14, "a character XML allows, in UTF-8"},
		{"<emn mailbox='\xc0\x80'/>", 14, "a character XML allows, in UTF-8"},
		{"<emn mailbox='m:'/><!-- \x0b -->", 24, "a character XML allows, in UTF-8"},
		{"<emn mailbox='m:'/>\x00\x00", -1, ""}, // lenient mode takes the second off
		{"\xff\xfe<\x00e", 0, "a character XML allows, in UTF-8"},
		{"<emn mailbox='\ufffe'/>", 14, "a character XML allows, in UTF-8"},

		// Declaration, XML 1.0, section 2.8.
		{`<?xml ?><emn mailbox="m:"/>`, 5, "a version"},
		{`<?xml encoding="UTF-8"?><emn mailbox="m:"/>`, 5, "a version"},
		{`<?xml version="1.1"?><emn mailbox="m:"/>`, 15, "version 1.0"},
		{`<?xml version=1.0?><emn mailbox="m:"/>`, 14, "a quoted string"},
		{`<?xml version "1.0"?><emn mailbox="m:"/>`, 14, "'='"},
		{`<?xml version="1.0`, 18, "a closing quote"},
		{`<?xml version="1.0" encoding="ISO-8859-1"?><emn mailbox="m:"/>`, 30, "encoding UTF-8"},
		{`<?xml version="1.0" encoding="UTF-16"?><emn mailbox="m:"/>`, 30, "encoding UTF-8"},
		{`<?xml version="1.0" standalone="maybe"?><emn mailbox="m:"/>`, 32, "yes or no"},
		{`<?xml version="1.0" standalone="yes" encoding="UTF-8"?><emn mailbox="m:"/>`, 37, "'?>'"},
		{`<?xml version="1.0"encoding="UTF-8"?><emn mailbox="m:"/>`, 19, "'?>'"},
		{`<!-- --><?xml version="1.0"?><emn mailbox="m:"/>`, 10, "a target other than xml"},
		{`<?xml?><emn mailbox="m:"/>`, 2, "a target other than xml"},
		{`<?XML version="1.0"?><emn mailbox="m:"/>`, 2, "a target other than xml"},

		// Comments and processing instructions, XML 1.0, sections 2.5 and 2.6.
		{`<!-- a -- b --><emn mailbox="m:"/>`, 9, "no '--' in a comment"},
		{`<!-- a ---><emn mailbox="m:"/>`, 9, "no '--' in a comment"},
		{`<!-- a`, 6, "'--'"},
		{`<??><emn mailbox="m:"/>`, 2, "a target other than xml"},
		{`<? x?><emn mailbox="m:"/>`, 2, "a target other than xml"},
		{`<?x/y?><emn mailbox="m:"/>`, 3, "white space or '?>'"},
		{`<?x`, 3, "'?>'"},

		// DOCTYPE, XML 1.0, section 2.8.
		{`<!DOCTYPE emn []><emn mailbox="m:"/>`, 14, "no internal subset"},
		{`<!DOCTYPE emn[]><emn mailbox="m:"/>`, 13, "no internal subset"},
		{`<!DOCTYPE emn SYSTEM "x" [<!ENTITY a "b">]><emn mailbox="&a;"/>`, 25, "no internal subset"},
		{`<!DOCTYPE><emn mailbox="m:"/>`, 9, "white space"},
		{`<!DOCTYPE ><emn mailbox="m:"/>`, 10, "a name"},
		{`<!DOCTYPE emn PUBLIC "x"><emn mailbox="m:"/>`, 24, "white space"},
		{`<!DOCTYPE emn PUBLIC"x" "y"><emn mailbox="m:"/>`, 20, "white space"},
		{`<!DOCTYPE emn PUBLIC "x{" "y"><emn mailbox="m:"/>`, 23, "a character of a public identifier"},
		{`<!DOCTYPE emn PUBLIC x "y"><emn mailbox="m:"/>`, 21, "a quoted string"},
		{`<!DOCTYPE emn SYSTEM><emn mailbox="m:"/>`, 20, "white space"},
		{`<!DOCTYPE emn SYSTEM "><emn mailbox='m:'/>`, 42, "a closing quote"},
		{`<!DOCTYPE emn x><emn mailbox="m:"/>`, 14, "'>'"},
		{`<!DOCTYPE emn><!DOCTYPE emn><emn mailbox="m:"/>`, 15, "a name"},
		{`<!doctype emn><emn mailbox="m:"/>`, 1, "a name"},

		// Attributes, XML 1.0, section 3.1.
		{`<emn/>`, 0, "a mailbox attribute that is not empty"},
		{`<emn mailbox=""/>`, 0, "a mailbox attribute that is not empty"},
		{`<emn Mailbox="m:"/>`, -1, ""}, // strict: unknown; lenient: no mailbox
		{`<emn mailbox="m:" mailbox="m:"/>`, 18, "each attribute once"},
		{`<xemn mailbox="m:" x="" x=""/>`, -1, ""},
		{`<emn mailbox="m:"timestamp="2004-02-20T06:40:00Z"/>`, 17, "white space, '>' or '/>'"},
		{`<emn mailbox/>`, 12, "'='"},
		{`<emn mailbox=m: />`, 13, "a quoted string"},
		{`<emn mailbox="m:/>`, 18, "a closing quote"},
		{`<emn mailbox="m:<"/>`, 16, "'&lt;' for '<'"},
		{`<emn mailbox="m:" ="1"/>`, 18, "a name"},
		{`<emn mailbox="m:" ×="1"/>`, 18, "a name"},
		{`<emn mailbox="m:" -x="1"/>`, 18, "a name"},
		{`<emn mailbox="&lt;&x;"/>`, 18, "one of the five predefined entities"},
		{`<emn mailbox="m:" / >`, 18, "an attribute, '>' or '/>'"},
		{`<emn mailbox="m:"`, 17, "an attribute, '>' or '/>'"},
		{`<emn x:mailbox="m:"/>`, 5, "a name without prefix"},
		{`<emn mailbox="m:" xmlns:x="y"/>`, 18, "a name without prefix"},
		{`<emn mailbox="m:" xml:lang="en"/>`, 18, "a name without prefix"},

		// References, XML 1.0, section 4.1.
		{`<emn mailbox="&"/>`, 14, "one of the five predefined entities"},
		{`<emn mailbox="&amp"/>`, 14, "one of the five predefined entities"},
		{`<emn mailbox="&AMP;"/>`, 14, "one of the five predefined entities"},
		{`<emn mailbox="&nbsp;"/>`, 14, "one of the five predefined entities"},
		{`<emn mailbox="& amp;"/>`, 14, "one of the five predefined entities"},
		{`<emn mailbox="&#;"/>`, 14, "a reference to a character XML allows"},
		{`<emn mailbox="&#0;"/>`, 14, "a reference to a character XML allows"},
		{`<emn mailbox="&#8;"/>`, 14, "a reference to a character XML allows"},
		{`<emn mailbox="&#-9;"/>`, 14, "a reference to a character XML allows"},
		{`<emn mailbox="&#x;"/>`, 14, "a reference to a character XML allows"},
		{`<emn mailbox="&#X41;"/>`, 14, "a reference to a character XML allows"},
		{`<emn mailbox="&#4A;"/>`, 14, "a reference to a character XML allows"},
		{`<emn mailbox="&#65"/>`, 14, "a reference to a character XML allows"},
		{`<emn mailbox="&#xD800;"/>`, 14, "a reference to a character XML allows"},
		{`<emn mailbox="&#xFFFF;"/>`, 14, "a reference to a character XML allows"},
		{`<emn mailbox="&#x110000;"/>`, 14, "a reference to a character XML allows"},
		{`<emn mailbox="&#18446744073709551681;"/>`, 14, "a reference to a character XML allows"},

		// Content.
		{`<emn mailbox="m:">`, 18, "the end tag of the element"},
		{`<emn mailbox="m:"></xemn>`, 20, "the end tag of the element"},
		{`<xemn mailbox="m:"></emn>`, 21, "the end tag of the element"},
		{`<emn mailbox="m:"></`, 20, "the end tag of the element"},
		{`<emn mailbox="m:"></emn`, 23, "'>'"},
		{`<emn mailbox="m:"></emn x="">`, 24, "'>'"},
		{`<emn mailbox="m:">hi</emn>`, 18, "no text in an emn element"},
		{`<emn mailbox="m:"><![CDATA[hi]]></emn>`, 18, "no text in an emn element"},
		{`<emn mailbox="m:"><emn mailbox="m:"/></emn>`, 18, "no element within the element"},
		{`<xemn mailbox="m:"><!DOCTYPE emn></xemn>`, 19, "no element within the element"},
		{`<xemn mailbox="m:">a]]>b</xemn>`, 20, "text without ']]>'"},
		{`<xemn mailbox="m:"><![CDATA[a]]</xemn>`, 38, "']]>'"},
		{`<xemn mailbox="m:"><![cdata[a]]></xemn>`, 19, "no element within the element"},
		{`<xemn mailbox="m:">&nbsp;</xemn>`, 19, "one of the five predefined entities"},
		{"<xemn mailbox='m:'>\u00d7</\u00d7>", 23, "the end tag of the element"},
		{`<xemn mailbox="m:"><?xml version="1.0"?></xemn>`, 21, "a target other than xml"},
		{`<xemn mailbox="m:">a`, 20, "the end tag of the element"},

		// After the element, XML 1.0, section 2.1.
		{`<emn mailbox="m:"/>x`, 19, "nothing after the element"},
		{`<emn mailbox="m:"/><emn mailbox="m:"/>`, 19, "nothing after the element"},
		{`<emn mailbox="m:"/><!DOCTYPE emn>`, 19, "nothing after the element"},
		{`<emn mailbox="m:"/><![CDATA[]]>`, 19, "nothing after the element"},
		{`<emn mailbox="m:"/><!-- a`, 25, "'--'"},
		{`<emn mailbox="m:"/>&#32;`, 19, "nothing after the element"},

		// Timestamps, OMA EMN 1.0.
		{`<emn mailbox="m:" timestamp="OMA-EMN-dateformat"/>`, 29, "YYYY-MM-DDThh:mm:ssZ"},
		{`<emn mailbox="m:" timestamp="2004-02-20"/>`, 29, "YYYY-MM-DDThh:mm:ssZ"},
		{`<emn mailbox="m:" timestamp="2004-02-20 06:40:00Z"/>`, 29, "YYYY-MM-DDThh:mm:ssZ"},
		{`<emn mailbox="m:" timestamp=" 2004-02-20T06:40:00Z"/>`, 29, "YYYY-MM-DDThh:mm:ssZ"},
		{`<emn mailbox="m:" timestamp="2004-02-20T06:40:00Z "/>`, 29, "YYYY-MM-DDThh:mm:ssZ"},
		{`<emn mailbox="m:" timestamp="2004-02-20T06:40:00+00:00"/>`, 29, "YYYY-MM-DDThh:mm:ssZ"},
		{`<emn mailbox="m:" timestamp="2004-02-20T06:40:00.0Z"/>`, 29, "YYYY-MM-DDThh:mm:ssZ"},
		{`<emn mailbox="m:" timestamp="2004-02-20T06:40:Z"/>`, 29, "YYYY-MM-DDThh:mm:ssZ"},
		{`<emn mailbox="m:" timestamp="2004-2-20T06:40:00Z"/>`, 29, "YYYY-MM-DDThh:mm:ssZ"},
		{`<emn mailbox="m:" timestamp="2004-0220T06:40:00Z"/>`, 29, "YYYY-MM-DDThh:mm:ssZ"},
		{`<emn mailbox="m:" timestamp="20040220T06:40:00Z"/>`, 29, "YYYY-MM-DDThh:mm:ssZ"},
		{`<emn mailbox="m:" timestamp="2004-00-20T06:40:00Z"/>`, 29, "YYYY-MM-DDThh:mm:ssZ"},
		{`<emn mailbox="m:" timestamp="2004-00-31T06:40:00Z"/>`, 29, "YYYY-MM-DDThh:mm:ssZ"},
		{`<emn mailbox="m:" timestamp="2004-13-20T06:40:00Z"/>`, 29, "YYYY-MM-DDThh:mm:ssZ"},
		{`<emn mailbox="m:" timestamp="2004-02-00T06:40:00Z"/>`, 29, "YYYY-MM-DDThh:mm:ssZ"},
		{`<emn mailbox="m:" timestamp="2003-02-29T06:40:00Z"/>`, 29, "YYYY-MM-DDThh:mm:ssZ"},
		{`<emn mailbox="m:" timestamp="2004-02-20T24:00:00Z"/>`, 29, "YYYY-MM-DDThh:mm:ssZ"},
		{`<emn mailbox="m:" timestamp="2004-02-20T06:60:00Z"/>`, 29, "YYYY-MM-DDThh:mm:ssZ"},
		{`<emn mailbox="m:" timestamp="2004-02-20T06:40:61Z"/>`, 29, "YYYY-MM-DDThh:mm:ssZ"},
		{`<emn mailbox="m:" timestamp="9999-12-31T23:59:60Z"/>`, 29, "YYYY-MM-DDThh:mm:ssZ"},
	} {
		for _, lenient := range []bool{false, true} {
			got := *draftEMN()
			err := Unmarshal([]byte(tt.xml), &got, &ParseOptions{Lenient: lenient})
			var syntax *SyntaxError
			require.ErrorAs(t, err, &syntax, "%s", tt.xml)
			require.Equal(t, *draftEMN(), got, "n is left alone")
			if tt.offset >= 0 {
				require.Equal(t, tt.want, syntax.Want, "%s", tt.xml)
				require.Equal(t, tt.offset, syntax.Offset, "%s", tt.xml)
			}
			require.NotEmpty(t, syntax.Section, "%s", tt.xml)
			require.EqualError(t, err, fmt.Sprintf("emn: offset %d: want %s (%s)", syntax.Offset, syntax.Want, syntax.Section))
		}
	}
}

// TestPrefixes refuses every document that is cut short.
func TestPrefixes(t *testing.T) {
	b := []byte(`<?xml version="1.0"?><!DOCTYPE xemn SYSTEM ""><!-- --><xemn mailbox="m:" view='&lt;'>a&#65;<![CDATA[b]]><?c?></xemn>`)
	for _, lenient := range []bool{false, true} {
		for i := range b {
			require.Error(t, Unmarshal(b[:i:i], new(Notification), &ParseOptions{Lenient: lenient}), "%s", b[:i])
		}
		require.NoError(t, Unmarshal(b, new(Notification), &ParseOptions{Lenient: lenient}))
	}
}

func TestLimits(t *testing.T) {
	names := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, " a%d=''", i)
		}
		return b.String()
	}
	pad := func(n int) string {
		s := `<emn mailbox="m:"/>`
		return s + strings.Repeat(" ", n-len(s))
	}
	value := func(n int) string { return `<emn mailbox="` + strings.Repeat("x", n) + `"/>` }
	attributes := func(n int) string { return `<emn mailbox="m:"` + names(n-1) + `/>` }
	tokens := func(n int) string { return strings.Repeat("<!---->", n) + `<emn mailbox="m:"/>` }
	for _, tt := range []struct {
		document func(n int) string
		limit    int
		options  ParseOptions
		want     string
	}{
		{pad, MaxDocument, ParseOptions{}, "a document of at most 32768 octets"},
		{pad, 100, ParseOptions{MaxDocument: 100}, "a document of at most 100 octets"},
		{value, MaxAttributeValue, ParseOptions{}, "a value of at most 20480 octets"},
		{value, 100, ParseOptions{MaxAttributeValue: 100}, "a value of at most 100 octets"},
		{attributes, MaxAttributes, ParseOptions{}, "at most 32 attributes"},
		{attributes, 40, ParseOptions{MaxAttributes: 40}, "at most 40 attributes"},
		{tokens, MaxTokens, ParseOptions{}, "at most 1024 comments, processing instructions and CDATA sections"},
		{tokens, 3, ParseOptions{MaxTokens: 3}, "at most 3 comments, processing instructions and CDATA sections"},
	} {
		tt.options.Lenient = true
		var n Notification
		require.NoError(t, Unmarshal([]byte(tt.document(tt.limit)), &n, &tt.options), tt.want)
		err := Unmarshal([]byte(tt.document(tt.limit+1)), &n, &tt.options)
		var syntax *SyntaxError
		require.ErrorAs(t, err, &syntax)
		require.Equal(t, tt.want, syntax.Want)
		require.Empty(t, syntax.Section)
		require.EqualError(t, err, fmt.Sprintf("emn: offset %d: want %s", syntax.Offset, tt.want))
	}
}
