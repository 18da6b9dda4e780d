package lemonade_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/golemonade/lemonade"

// kind is what a package may do.
type kind int

const (
	codec  kind = iota // no I/O, goroutines, clock, logs or mutable package state
	engine             // what it needs, but no module beyond engineModules
)

var engineModules = regexp.MustCompile(`^(github\.com/emersion/go-(imap/v2|sasl)|golang\.org/x/\w+)(/|$)`)

// packages says of every package what it may do and how high it stands: it
// may import only packages that stand lower, and of other modules only what is
// named. A package that is not here yet has to be thought about first.
var packages = map[string]struct {
	kind    kind
	level   int
	modules []string
	std     []string // beyond pure, with the reason
}{
	"":                    {codec, 9, nil, nil},
	"internal/imapsyntax": {codec, 1, nil, nil},
	"internal/mutf7":      {codec, 0, nil, nil},
	"msgevent/imapurl":    {codec, 1, []string{goimap}, nil},
	"msgevent":            {codec, 2, []string{goimap}, nil},
	"notifyproto":         {codec, 3, []string{goimap}, []string{"bufio"}}, // FrameReader reads what it is given
	"annotations":         {codec, 4, []string{goimap}, []string{"sync"}},  // MemoryStore is a value that may be shared
	"emn":                 {codec, 4, nil, nil},
	"filter":              {codec, 5, []string{goimap, "github.com/emersion/go-message"}, nil},
	"filter/outband":      {engine, 6, nil, nil},

	"notifyproto/notifyserver": {engine, 6, nil, nil},
}

const goimap = "github.com/emersion/go-imap/v2"

// pure has the packages of the standard library that a codec may use: those
// that only compute. fmt is among them for errors and Stringers.
var pure = map[string]bool{
	"bytes": true, "cmp": true, "errors": true, "fmt": true, "io": true, "iter": true,
	"maps": true, "math": true, "math/bits": true, "net/netip": true, "slices": true,
	"sort": true, "strconv": true, "strings": true, "time": true,
	"encoding": true, "encoding/base64": true, "encoding/binary": true, "encoding/hex": true, "encoding/json": true,
	"unicode": true, "unicode/utf16": true, "unicode/utf8": true,
}

func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...").Output()
	require.NoError(t, err)
	seen := 0
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		name := localName(fields[0])
		p, ok := packages[name]
		if !ok {
			t.Errorf("package %q has no row in the table of packages", name)
			continue
		}
		seen++
		for _, imported := range fields[1:] {
			switch {
			case imported == module || strings.HasPrefix(imported, module+"/"):
				if lower := packages[localName(imported)]; lower.level >= p.level {
					t.Errorf("%s imports %s, which does not stand below it", name, imported)
				}
			case !strings.Contains(strings.Split(imported, "/")[0], "."):
				if p.kind == codec && !pure[imported] && !slices.Contains(p.std, imported) {
					t.Errorf("%s is a codec package and imports %s", name, imported)
				}
			case p.kind == codec && !slices.Contains(p.modules, imported):
				t.Errorf("%s is a codec package and imports %s", name, imported)
			case p.kind == engine && !engineModules.MatchString(imported):
				t.Errorf("%s imports %s", name, imported)
			}
		}
	}
	require.Equal(t, len(packages), seen, "a row of the table has no package")
}

func localName(importPath string) string {
	return strings.TrimPrefix(strings.TrimPrefix(importPath, module), "/")
}

// TestRequirements keeps the root module light.
func TestRequirements(t *testing.T) {
	mod, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	allowed := regexp.MustCompile(`^(github\.com/emersion/go-(imap/v2|message|sasl)|github\.com/stretchr/testify|golang\.org/x/\S+) `)
	for line := range strings.Lines(string(mod)) {
		line = strings.TrimSpace(strings.TrimPrefix(line, "require "))
		if !regexp.MustCompile(`^\S+\.\S+/\S+ v`).MatchString(line) || strings.HasSuffix(line, "// indirect") {
			continue
		}
		require.Regexp(t, allowed, line)
	}
}

func TestPurity(t *testing.T) {
	for name, p := range packages {
		if p.kind != codec {
			continue
		}
		files := make(map[string]*ast.File)
		fset := token.NewFileSet()
		require.NoError(t, fs.WalkDir(os.DirFS(filepath.Join(".", name)), ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || path != "." && d.IsDir() {
				return cmpErr(err, fs.SkipDir)
			}
			if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			path = filepath.Join(name, path)
			files[path], err = parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
			return err
		}))
		require.NotEmpty(t, files, name)
		for _, problem := range impurities(fset, files) {
			t.Error(problem)
		}
	}
}

func cmpErr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// TestImpurities makes sure that the check finds what it is there for.
func TestImpurities(t *testing.T) {
	for source, want := range map[string]string{
		`func f() { go f() }`:                                            "starts a goroutine",
		`func f() { _ = time.Now() }`:                                    "time.Now",
		`func f() { <-time.After(1) }`:                                   "time.After",
		`var n int`:                                                      "package-level variable n",
		`var n = f()`:                                                    "package-level variable n",
		`var m sync.Mutex`:                                               "package-level variable m",
		`var t = []int{1}; func f() { t[0] = 2 }`:                        "changes package-level t",
		`var t = map[string]int{}; func f() { t["a"]++ }`:                "changes package-level t",
		`var t = [1]int{}; func f() { t = [1]int{3} }`:                   "changes package-level t",
		`var t = map[int]int{}; func f() { delete(t, 1) }`:               "changes package-level t",
		`import tm "time"; func f() { _ = tm.Now() }`:                    "time.Now",
		`var t = func() []int { go f(); return nil }()`:                  "starts a goroutine",
		`var t = func() []int64 { return []int64{time.Now().Unix()} }()`: "time.Now",
		`func f() { fmt.Println() }`:                                     "fmt.Println",
		`func f() { fmt.Fprintf(w, "") }`:                                "fmt.Fprintf",
		`var t = [1]int{}; func f() { p := &t; p[0] = 1 }`:               "changes package-level t",
		`var t = []int{1}; func f() { copy(t, []int{2}) }`:               "changes package-level t",
		`var errX = errors.New("x")`:                                     "",
		`var t = [256]uint8{1: 2}`:                                       "",
		`var t = func() (t [2]int) { t[0] = 1; return t }()`:             "",
		`var _ error = (*E)(nil)`:                                        "",
		`var t = []int{1}; func f() int { t := 1; return t }`:            "",
		`var t = []int{1}; func f(x struct{t int}) { x.t = 12 }`:         "",
	} {
		fset := token.NewFileSet()
		if !strings.HasPrefix(source, "import") {
			source = "import (\"time\"; \"fmt\")\n" + source
		}
		file, err := parser.ParseFile(fset, "x.go", "package x\n"+source, parser.SkipObjectResolution)
		require.NoError(t, err, source)
		problems := strings.Join(impurities(fset, map[string]*ast.File{"x.go": file}), "\n")
		if want == "" {
			require.Empty(t, problems, source)
		} else {
			require.Contains(t, problems, want, source)
		}
	}
}

// impurities returns what in a package's files a codec must not have. Package
// variables must be errors or tables, by their form, and nothing may change
// them.
func impurities(fset *token.FileSet, files map[string]*ast.File) []string {
	var problems []string
	report := func(n ast.Node, what string) {
		problems = append(problems, fset.Position(n.Pos()).String()+": "+what)
	}
	tables := make(map[string]bool)
	for _, file := range files {
		for _, decl := range file.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok || gen.Tok != token.VAR {
				continue
			}
			for _, spec := range gen.Specs {
				spec := spec.(*ast.ValueSpec)
				for i, name := range spec.Names {
					if name.Name == "_" {
						continue
					}
					tables[name.Name] = true
					if i >= len(spec.Values) || !isTableOrError(spec.Values[i]) {
						report(name, "package-level variable "+name.Name+" is neither a table nor an error")
					}
				}
			}
		}
	}
	for _, file := range files {
		imported := importNames(file)
		for _, decl := range file.Decls {
			changes := func(x ast.Expr) {
				if id := root(x); id != nil && tables[id.Name] && !declares(decl, id.Name) {
					report(x, "changes package-level "+id.Name)
				}
			}
			ast.Inspect(decl, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.GoStmt:
					report(n, "starts a goroutine")
				case *ast.SelectorExpr:
					x, ok := n.X.(*ast.Ident)
					switch {
					case ok && imported[x.Name] == "time" && clock[n.Sel.Name]:
						report(n, "reads the clock by time."+n.Sel.Name)
					case ok && imported[x.Name] == "fmt" && output.MatchString(n.Sel.Name):
						report(n, "does I/O by fmt."+n.Sel.Name)
					}
				case *ast.UnaryExpr:
					if x, ok := n.X.(*ast.Ident); ok && n.Op == token.AND {
						changes(x) // or lets others do so; a row may be looked at
					}
				case *ast.AssignStmt:
					for _, x := range n.Lhs {
						if n.Tok != token.DEFINE {
							changes(x)
						}
					}
				case *ast.IncDecStmt:
					changes(n.X)
				case *ast.CallExpr:
					if f, ok := n.Fun.(*ast.Ident); ok && (f.Name == "delete" || f.Name == "clear" || f.Name == "copy") {
						changes(n.Args[0])
					}
				}
				return true
			})
		}
	}
	slices.Sort(problems)
	return problems
}

// importNames returns the packages that a file imports by the names that it has
// for them.
func importNames(file *ast.File) map[string]string {
	names := make(map[string]string)
	for _, spec := range file.Imports {
		path := strings.Trim(spec.Path.Value, `"`)
		name := path[strings.LastIndexByte(path, '/')+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = path
	}
	return names
}

var output = regexp.MustCompile(`^(Print|Fprint|Scan|Fscan)(f|ln)?$`)

var clock = map[string]bool{
	"Now": true, "Since": true, "Until": true, "Sleep": true, "After": true, "AfterFunc": true,
	"Tick": true, "NewTicker": true, "NewTimer": true,
}

// isTableOrError accepts composite literals, what a function literal returns,
// and errors.New.
func isTableOrError(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.CompositeLit:
		return true
	case *ast.CallExpr:
		switch f := x.Fun.(type) {
		case *ast.FuncLit:
			return true
		case *ast.SelectorExpr:
			pkg, ok := f.X.(*ast.Ident)
			return ok && (pkg.Name == "errors" && f.Sel.Name == "New" || pkg.Name == "fmt" && f.Sel.Name == "Errorf")
		}
	}
	return false
}

// root returns the variable that an assignment to x changes.
func root(x ast.Expr) *ast.Ident {
	for {
		switch e := x.(type) {
		case *ast.Ident:
			return e
		case *ast.IndexExpr:
			x = e.X
		case *ast.SelectorExpr:
			x = e.X
		case *ast.StarExpr:
			x = e.X
		case *ast.ParenExpr:
			x = e.X
		default:
			return nil
		}
	}
}

// declares reports whether a function has a local variable of that name; so may
// the function whose result a package variable has.
func declares(decl ast.Decl, name string) bool {
	found := false
	ast.Inspect(decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			for _, id := range n.Names {
				found = found || id.Name == name
			}
		case *ast.AssignStmt:
			for _, x := range n.Lhs {
				id, ok := x.(*ast.Ident)
				found = found || ok && n.Tok == token.DEFINE && id.Name == name
			}
		case *ast.DeclStmt:
			for _, spec := range n.Decl.(*ast.GenDecl).Specs {
				if v, ok := spec.(*ast.ValueSpec); ok {
					for _, id := range v.Names {
						found = found || id.Name == name
					}
				}
			}
		}
		return true
	})
	return found
}
