package imapurl

// class is a set of character classes.
type class uint8

const (
	classAchar   class = 1 << iota // octets of achar that stand for themselves
	classBchar                     // the same for bchar
	classRegName                   // the same for reg-name
	classAtom                      // ATOM-CHAR of IMAP
)

// classes gives the classes of each octet:
//
//	achar         = uchar / "&" / "="
//	bchar         = achar / ":" / "@" / "/"
//	uchar         = unreserved / sub-delims-sh / pct-encoded
//	sub-delims-sh = "!" / "$" / "'" / "(" / ")" / "*" / "+" / ","
//
// RFC 5092, section 11, and
//
//	reg-name   = *( unreserved / pct-encoded / sub-delims )
//	unreserved = ALPHA / DIGIT / "-" / "." / "_" / "~"
//	sub-delims = "!" / "$" / "&" / "'" / "(" / ")"
//	           / "*" / "+" / "," / ";" / "="
//
// RFC 3986, appendix A, and
//
//	ATOM-CHAR       = <any CHAR except atom-specials>
//	atom-specials   = "(" / ")" / "{" / SP / CTL / list-wildcards /
//	                  quoted-specials / resp-specials
//
// RFC 3501, section 9.
var classes = func() (t [256]class) {
	const alnum = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	add := func(c class, octets string) {
		for i := range len(octets) {
			t[octets[i]] |= c
		}
	}
	add(classAchar|classBchar|classRegName, alnum+"-._~"+"!$'()*+,"+"&=")
	add(classBchar, ":@/")
	add(classRegName, ";")
	add(classAtom, alnum+"!#$&'+,-./:;<=>?@[^_`|}~")
	return t
}()

func (c class) has(octet byte) bool {
	return classes[octet]&c != 0
}

func (c class) hasAll(s string) bool {
	for i := range len(s) {
		if !c.has(s[i]) {
			return false
		}
	}
	return true
}
