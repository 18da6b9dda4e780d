package annotations

import (
	"slices"
	"strconv"
	"strings"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// parseWord returns the word that is s in any case.
func parseWord[T ~string](s string, words []T) (T, error) {
	for _, word := range words {
		if imapsyntax.EqualFold(s, string(word)) {
			return word, nil
		}
	}
	return "", wordError(s, words)
}

// validateWord checks that w is one of words, in upper case.
func validateWord[T ~string](w T, words []T) error {
	if !slices.Contains(words, w) {
		return wordError(string(w), words)
	}
	return nil
}

// appendWord appends w to b if it is one of words.
func appendWord[T ~string](b []byte, w T, words []T) ([]byte, error) {
	if err := validateWord(w, words); err != nil {
		return b, err
	}
	return append(b, w...), nil
}

// wordString returns w, or name with w quoted if it is none of words, so that a
// log line stays one line.
func wordString[T ~string](w T, words []T, name string) string {
	if !slices.Contains(words, w) {
		return name + "(" + strconv.Quote(string(w)) + ")"
	}
	return string(w)
}

func wordError[T ~string](s string, words []T) error {
	var want strings.Builder
	for i, word := range words {
		if i > 0 {
			want.WriteString(" / ")
		}
		want.WriteString(`"` + string(word) + `"`)
	}
	return &ValueError{Value: s, Want: want.String(), Section: section113}
}
