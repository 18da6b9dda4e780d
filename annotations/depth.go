package annotations

import "strconv"

// Depth says how far below an entry GETMETADATA looks. The zero value is
// DepthZero. The numbers are those of go-imap's imapclient.
//
// RFC 5464, section 4.2.2.
type Depth int

// The depths.
const (
	DepthZero     Depth = 0  // the entry alone
	DepthOne      Depth = 1  // and those immediately below it
	DepthInfinity Depth = -1 // and all below it
)

// depths has the words of the DEPTH option, each at the index of its value in
// depthValues.
var (
	depths      = []string{"0", "1", "infinity"}
	depthValues = []Depth{DepthZero, DepthOne, DepthInfinity}
)

// String returns the word of the DEPTH option, or Depth(n) if d is none of the
// constants.
func (d Depth) String() string {
	for i, v := range depthValues {
		if v == d {
			return depths[i]
		}
	}
	return "Depth(" + strconv.Itoa(int(d)) + ")"
}
