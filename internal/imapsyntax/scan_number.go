package imapsyntax

import "math"

// Number parses
//
//	number = 1*DIGIT
//	           ; Unsigned 32-bit integer
//	           ; (0 <= n < 4,294,967,296)
//
// RFC 3501, section 9.
func (s *Scanner) Number() (uint32, error) {
	n, err := s.number(math.MaxUint32, "number", rfc3501)
	return uint32(n), err
}

// NZNumber parses
//
//	nz-number = digit-nz *DIGIT
//	              ; Non-zero unsigned 32-bit integer
//	              ; (0 < n < 4,294,967,296)
//	digit-nz  = %x31-39
//	              ; 1-9
//
// RFC 3501, section 9.
func (s *Scanner) NZNumber() (uint32, error) {
	if s.Peek() == '0' {
		return 0, s.Fail("nz-number", rfc3501)
	}
	n, err := s.number(math.MaxUint32, "nz-number", rfc3501)
	return uint32(n), err
}

// Number64 parses
//
//	number64 = 1*DIGIT
//	             ; Unsigned 63-bit integer
//	             ; (0 <= n <= 9,223,372,036,854,775,807)
//
// RFC 9051, section 9. Every result fits an int64.
func (s *Scanner) Number64() (uint64, error) {
	return s.number(math.MaxInt64, "number64", rfc9051)
}

// NZNumber64 parses
//
//	nz-number64 = digit-nz *DIGIT
//	                ; Unsigned 63-bit integer
//	                ; (0 < n <= 9,223,372,036,854,775,807)
//
// RFC 9051, section 9. Every result fits an int64.
func (s *Scanner) NZNumber64() (uint64, error) {
	if s.Peek() == '0' {
		return 0, s.Fail("nz-number64", rfc9051)
	}
	return s.number(math.MaxInt64, "nz-number64", rfc9051)
}

// number reads digits; leading zeros are in the grammar.
func (s *Scanner) number(limit uint64, want, section string) (uint64, error) {
	var n uint64
	at := s.pos
	for at < len(s.src) && Is(s.src[at], ClassDigit) {
		d := uint64(s.src[at] - '0')
		if n > (limit-d)/10 {
			return 0, s.Fail(want, section)
		}
		n = n*10 + d
		at++
	}
	if at == s.pos {
		return 0, s.Fail(want, section)
	}
	s.pos = at
	return n, nil
}
