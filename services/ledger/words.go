package ledger

import (
	"errors"
	"fmt"
)

// Sentence is what can be said about an export, a proof or a key, with a place
// (%v) for each of its values. It is the key under which the words in other
// languages are found.
type Sentence string

// Remark is an error in one of the sentences. Its values stay apart, so that a
// page can say it in the reader's language: numbers, texts, and other remarks.
type Remark struct {
	Sentence Sentence
	Values   []any
}

// Error says it in English.
func (r Remark) Error() string { return fmt.Sprintf(string(r.Sentence), r.Values...) }

func say(s Sentence, values ...any) Remark { return Remark{Sentence: s, Values: values} }

// remark is an error as a remark; one that is none keeps its own words.
func remark(err error) Remark {
	if r, ok := errors.AsType[Remark](err); ok {
		return r
	}
	return say(itself, err.Error())
}

// flawed is what is wrong with the content of a file.
func flawed(file string, err error) *Flaw { return &Flaw{File: file, What: remark(err)} }

// Flaw is the first thing in an export that is not as it must be.
type Flaw struct {
	File string // of the export; "" for the export as a whole
	Line int64  // from 1; 0 for the file as a whole
	What Remark
}

// Remark names the place and the flaw.
func (f *Flaw) Remark() Remark {
	switch {
	case f.File == "":
		return f.What
	case f.Line == 0:
		return say(inFile, f.File, f.What)
	}
	return say(inLine, f.File, f.Line, f.What)
}

// Error is the remark in one line.
func (f *Flaw) Error() string { return f.Remark().Error() }

// Where a flaw is, and the words of a machine.
const (
	itself Sentence = "%v"
	inFile Sentence = "%v: %v"
	inLine Sentence = "%v, line %v: %v"
)

// Flaws of an export and of its files.
const (
	zipBroken       Sentence = "the ZIP is damaged and cannot be opened"
	zipHalf         Sentence = "the ZIP is damaged and cannot be read whole"
	zipDiffers      Sentence = "the ZIP is not as it was written, from byte %v on"
	zipUnread       Sentence = "the ZIP cannot be read whole"
	noExport        Sentence = "the export is neither a folder nor a ZIP"
	fileMissing     Sentence = "it is missing from the export"
	fileDamaged     Sentence = "it is damaged inside the ZIP"
	fileHuge        Sentence = "it is much larger than such a file can be"
	fileOtherSize   Sentence = "it has %v bytes; when it was signed it had %v"
	fileOtherDigest Sentence = "it is not the file that was signed: its digest is another"
)

// Flaws of what is signed.
const (
	noteOtherText   Sentence = "its signature does not fit its text: one of the two was changed"
	noteOtherKey    Sentence = "it is signed with the key %v, which is not among the known keys"
	noteNone        Sentence = "it is not a signed note"
	noteBase64      Sentence = "its signature is not written as base64 is"
	keyLine         Sentence = "line %v is not a public key of a ledger"
	keyNone         Sentence = "there is no public key in it"
	checkpointLines Sentence = "it does not have the four lines of a checkpoint"
	checkpointSize  Sentence = "its second line is not a number of entries"
	checkpointRoot  Sentence = "its third line is not a root"
	checkpointTime  Sentence = "its fourth line is not a time"
	checkpointForm  Sentence = "it is not written as a checkpoint is"
	checkpointName  Sentence = "it is of the log %v, but signed in the name of %v"
	checkpointLog   Sentence = "it is of the log %v, the manifest of %v"
	manifestMore    Sentence = "it holds more than the signed text and one signature"
	manifestLine    Sentence = "its first line is not \"%v\" or \"%v\""
	manifestParty   Sentence = "it does not name the party and how many entries are its own"
	manifestList    Sentence = "it does not list the files of an export"
	manifestOrder   Sentence = "it does not list the files of an export in their order"
	manifestForm    Sentence = "it is not written as a manifest is"
	manifestLog     Sentence = "it is of another log than its key"
	sinceBroken     Sentence = "the earlier checkpoint cannot be used: %v"
	sinceLog        Sentence = "the earlier checkpoint is of the log %v, the export of %v"
	sinceSize       Sentence = "the export has %v entries, but on %v there were %v: it is older, or entries were lost"
	sinceRoot       Sentence = "the first %v entries are not those of the checkpoint of %v: history was rewritten"
)

// Flaws of the file of entries.
const (
	lineHuge       Sentence = "the line is much longer than an entry can be"
	lineCut        Sentence = "the file ends in the middle of a line"
	lineOther      Sentence = "it is not a line of entries"
	lineHash       Sentence = "its hash is not written as it must be"
	lineEscape     Sentence = "its data have an escape that is not \\\" or \\\\"
	lineString     Sentence = "its data are not one JSON string"
	lineUTF8       Sentence = "its data are not UTF-8"
	entryLeftOut   Sentence = "here comes entry %v, but entry %v was left out"
	entryAgain     Sentence = "here comes entry %v again, or in the wrong place: entry %v is next"
	entryTooMany   Sentence = "entry %v is one more than the %v that are signed"
	entryOtherHash Sentence = "entry %v does not have the hash beside it: one of the two was changed"
	entryOf        Sentence = "entry %v: %v"
	entryTwice     Sentence = "entry %v is of the event %v, which is entry %v already"
	entryCopied    Sentence = "entry %v has the hash of entry %v"
	entryForeign   Sentence = "entry %v can be read, but is not of the organisation whose export this is"
	entriesEnd     Sentence = "the file ends after this line, but %v entries are signed: entry %v is the first that is missing"
	entriesRoot    Sentence = "the entries do not make the root that is signed in checkpoint.txt: at least one was changed, and its hash with it"
	entriesOwn     Sentence = "%v entries can be read, but %v are signed as the party's own"
	dataNoEvent    Sentence = "its data are not an event in JSON"
	dataForm       Sentence = "its data are not written as the portal writes an event"
	dataNoID       Sentence = "its event has no id"
)

// Flaws of a proof.
const (
	proofNone       Sentence = "it is not a proof as the portal writes it"
	proofEntry      Sentence = "the second line does not hold the entry"
	proofNumber     Sentence = "the third line is not the number of the entry"
	proofPath       Sentence = "line %v is not a fingerprint"
	proofCheckpoint Sentence = "the checkpoint in the proof: %v"
	proofSize       Sentence = "the checkpoint is of %v entries, so there is no entry %v"
	proofTree       Sentence = "the entry is not in the tree of the checkpoint: the entry, its number or the fingerprints were changed"
	proofData       Sentence = "the entry: %v"
)

// Why nothing could be verified.
const (
	// UnreadKeys is said of the file of keys, with the remark of ParseKeys.
	UnreadKeys Sentence = "the file of keys: %v"
	// UnreadFile is said of a file, with its name and what went wrong.
	UnreadFile Sentence = "the file %v cannot be read: %v"
	// HugeFile is said of a file, with its name.
	HugeFile Sentence = "the file %v is much larger than such a file can be"
	// KeylessProof is said when a proof comes without keys.
	KeylessProof Sentence = "a proof is checked with the public keys of the ledger: add keys.txt"
)

// Sentences are all that can be said, for those who say it in other words.
func Sentences() []Sentence {
	return []Sentence{itself, inFile, inLine,
		zipBroken, zipHalf, zipDiffers, zipUnread, noExport, fileMissing, fileDamaged, fileHuge, fileOtherSize, fileOtherDigest,
		noteOtherText, noteOtherKey, noteNone, noteBase64, keyLine, keyNone,
		checkpointLines, checkpointSize, checkpointRoot, checkpointTime, checkpointForm, checkpointName, checkpointLog,
		manifestMore, manifestLine, manifestParty, manifestList, manifestOrder, manifestForm, manifestLog, sinceBroken, sinceLog, sinceSize, sinceRoot,
		lineHuge, lineCut, lineOther, lineHash, lineEscape, lineString, lineUTF8,
		entryLeftOut, entryAgain, entryTooMany, entryOtherHash, entryOf, entryTwice, entryCopied, entryForeign, entriesEnd, entriesRoot, entriesOwn,
		dataNoEvent, dataForm, dataNoID,
		proofNone, proofEntry, proofNumber, proofPath, proofCheckpoint, proofSize, proofTree, proofData,
		UnreadKeys, UnreadFile, HugeFile, KeylessProof}
}
