// Package emn encodes and decodes OMA E-Mail Notification 1.0 documents, the
// emn element, and their extended form, the xemn element of
// draft-ietf-lemonade-notifications-04, section 9.1.
//
// A [Notification] is the value, [AppendXML] writes its one canonical XML form
// and [Unmarshal] reads it, strictly or, with [ParseOptions], leniently. The
// package does no I/O, starts no goroutine and reads no clock.
//
// A notification is a hint, never an authority. It arrives unauthenticated:
// match its mailbox against accounts already configured, never log in to a host
// because a notification names it.
package emn

// Media types of the two forms of an emn document, OMA EMN 1.0.
const (
	// MediaTypeXML is the type the XML form is sent with.
	MediaTypeXML = "text/vnd.wap.emn+xml"
	// MediaTypeXMLAlias is another name of MediaTypeXML some gateways use. It
	// is accepted, never sent.
	MediaTypeXMLAlias = "application/vnd.wap.emn+xml"
	// MediaTypeExtended is the type an xemn document is sent with: it has none
	// of its own, and is XML text.
	MediaTypeExtended = "text/xml"
	// MediaTypeWBXML is the type the binary form is sent with.
	MediaTypeWBXML = "application/vnd.wap.emn+wbxml"
)

// Identifiers of the emn document type, OMA EMN 1.0. They are written, never
// fetched, and a reader takes any others too.
const (
	PublicID = "-//WAPFORUM//DTD EMN 1.0//EN"
	SystemID = "http://www.wapforum.org/DTD/emn.dtd"
)

// Limits on a document. A notification has to fit a handful of short messages;
// whatever is over these is an attack or a mistake. AppendXML keeps to the first
// two, Unmarshal to what ParseOptions sets, by default these.
const (
	// MaxDocument is the size of a document, in octets.
	MaxDocument = 32 << 10
	// MaxAttributeValue is the length of one attribute value, in octets of
	// UTF-8 after references are expanded.
	MaxAttributeValue = 20 << 10
	// MaxAttributes is the number of attributes of the element. The two element
	// types define 9 at most.
	MaxAttributes = 32
	// MaxTokens is the number of comments, processing instructions and CDATA
	// sections in a document.
	MaxTokens = 1024
)
