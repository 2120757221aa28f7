// Checks an exported log with the Go project's own packages for transparent logs, none of which is ours:
// the signature and form of the checkpoint, every hash tile, and that the entries are the tree's leaves.
//
//	apt-get install golang-go golang-golang-x-mod-dev
//	GO111MODULE=off GOPATH=/usr/share/gocode go run test/interop/check_export.go EXPORT VERIFIER-KEY
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	log.SetFlags(0)
	directory, key := os.Args[1], os.Args[2]
	verifier, err := note.NewVerifier(key)
	must(err)
	signed, err := os.ReadFile(filepath.Join(directory, "checkpoint"))
	must(err)
	opened, err := note.Open(signed, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	must(err)
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)

	hashes := tlog.TileHashReader(tree, &tiles{directory})
	computed, err := tlog.TreeHash(size, hashes)
	must(err)
	if computed != tree.Hash {
		log.Fatalf("tiles give root %v, the checkpoint %v", computed, tree.Hash)
	}
	for index := int64(0); index < size; index++ {
		leaf, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
		must(err)
		if tlog.RecordHash(entry(directory, index, size)) != leaf[0] {
			log.Fatalf("entry %d is not the tree's leaf", index)
		}
	}
	fmt.Printf("%s: %d entries, tiles, root and signature of %s agree\n", lines[0], size, verifier.Name())
}

// tiles reads hash tiles of height 8 from the export; x/mod calls the height first, the export has none.
type tiles struct{ directory string }

func (t *tiles) Height() int                     { return 8 }
func (t *tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (t *tiles) ReadTiles(want []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(want))
	for i, tile := range want {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		bytes, err := os.ReadFile(filepath.Join(t.directory, path))
		if err != nil {
			return nil, err
		}
		data[i] = bytes
	}
	return data, nil
}

// entry cuts one entry out of its bundle: each is its length in two bytes, then itself.
func entry(directory string, index, size int64) []byte {
	bundle := tlog.Tile{H: 8, L: 0, N: index / 256, W: 256}
	if rest := size - index/256*256; rest < 256 {
		bundle.W = int(rest)
	}
	path := strings.Replace(bundle.Path(), "tile/8/0/", "tile/entries/", 1)
	bytes, err := os.ReadFile(filepath.Join(directory, path))
	must(err)
	for skip := index % 256; ; skip-- {
		length := binary.BigEndian.Uint16(bytes)
		if skip == 0 {
			return bytes[2 : 2+length]
		}
		bytes = bytes[2+length:]
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
