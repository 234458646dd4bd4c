package mailer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	netmail "net/mail"
	"os"
	"path/filepath"
	"regexp"

	gomail "github.com/wneessen/go-mail"

	"inzage/services/notify"
)

// folder writes each mail into a file of its own, named after its Message-ID.
type folder struct {
	dir  string
	from *netmail.Address
}

func openFolder(dir string, from *netmail.Address) (notify.Mailer, error) {
	if dir == "" {
		return nil, errors.New("the mail folder has no name; write file:DIR")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the mail folder: %w", err)
	}
	return &folder{dir: dir, from: from}, nil
}

// fileName allows what a Message-ID of ours consists of.
var fileName = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9_.@-]*$`)

// Send writes the mail beside its final name and renames it, so that a reader
// never sees half a mail. The same mail again changes nothing.
func (f *folder) Send(_ context.Context, e notify.Envelope) error {
	if !fileName.MatchString(e.ID) {
		return &notify.Refusal{Code: "message id"}
	}
	path := filepath.Join(f.dir, e.ID+extension)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	// Unencoded, so that a person or a script can read codes and links in the file.
	m, err := message(e, f.from, gomail.NoEncoding)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return fmt.Errorf("write a mail: %w", err)
	}
	if err := write(path, b.Bytes()); err != nil {
		return folderTrouble(err)
	}
	return nil
}

// Check tells whether a mail could be written now.
func (f *folder) Check(context.Context) (notify.Offer, error) {
	o := notify.Offer{Folder: true, UTF8: true}
	tmp, err := os.CreateTemp(f.dir, ".begun-*")
	if err == nil {
		err = errors.Join(tmp.Close(), os.Remove(tmp.Name()))
	}
	if err != nil {
		return o, folderTrouble(err)
	}
	return o, nil
}

func folderTrouble(err error) error {
	return &notify.Trouble{Kind: notify.FolderRefused, Says: cause(err).Error(), All: true}
}

const extension = ".eml"

func write(path string, data []byte) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".begun-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(tmp.Name()))
		}
	}()
	_, err = tmp.Write(data)
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

// cause is the reason without the path.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
