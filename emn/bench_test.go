package emn

import (
	"encoding/xml"
	"testing"
)

func BenchmarkAppendXML(b *testing.B) {
	n := everyField()
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := AppendXML(buf, n, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendXMLStdlib(b *testing.B) {
	e := stdlibElement(everyField())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := xml.Marshal(e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnmarshal(b *testing.B) {
	data, err := AppendXML(nil, everyField(), nil)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var n Notification
		if err := Unmarshal(data, &n, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnmarshalStdlib(b *testing.B) {
	data, err := AppendXML(nil, everyField(), nil)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var e element
		if err := xml.Unmarshal(data, &e); err != nil {
			b.Fatal(err)
		}
	}
}
