package annotations

import "strings"

// sectionJID defines the JID.
const sectionJID = "RFC 7622, section 3.1"

// maxPart is the greatest length of each part of a JID, in octets: RFC 7622,
// section 3.1.
const maxPart = 1023

// badJID checks
//
//	jid = [ localpart "@" ] domainpart [ "/" resourcepart ]
//
// without the preparation of RFC 8265, which needs tables of Unicode; what it
// would refuse the XMPP server refuses. RFC 7622, section 3.1.
func badJID(s string) *ValueError {
	// The first "/" ends the domainpart; "@" after it belongs to the resource.
	bare, resource, hasResource := strings.Cut(s, "/")
	at := 0
	if local, domain, found := strings.Cut(bare, "@"); found {
		if local == "" || len(local) > maxPart {
			return &ValueError{Want: "localpart of 1 to 1023 octets", Section: sectionJID}
		}
		// RFC 7622, section 3.3.1; and UsernameCaseMapped has no space.
		if i := strings.IndexAny(local, "\"&'/:<>@ "); i >= 0 {
			return &ValueError{Offset: i, Want: "octet of a localpart", Section: sectionJID}
		}
		bare, at = domain, len(local)+1
	}
	if hasResource && (resource == "" || len(resource) > maxPart) {
		return &ValueError{Offset: at + len(bare) + 1, Want: "resourcepart of 1 to 1023 octets", Section: sectionJID}
	}
	if !strings.HasPrefix(bare, "[") {
		return badName(bare, at)
	}
	end, bad := hostEnd(bare)
	if bad == nil && end < len(bare) {
		bad = &ValueError{Offset: end, Want: `"/" or end of address`, Section: sectionJID}
	}
	if bad != nil {
		bad.Offset += at
	}
	return bad
}
