package main

import (
	"context"
	"fmt"

	"inzage/services/vault"
)

const keyHelp = `inzage key rotate

Adds a new wrapping key to the master key file and makes it the one that new
objects are wrapped under; what the old ones wrapped still opens. Stop every
instance first, and start each with the new file: one that runs on with the old
one cannot open what the others make.`

// runKey turns the master key over.
func runKey(_ context.Context, in invocation) error {
	cfg, rest, err := settings("key", in, keyHelp)
	if err != nil {
		return err
	}
	if len(rest) != 1 || rest[0] != "rotate" {
		return usage("Say what to do with the master key: rotate.")
	}
	path := masterPath(cfg)
	if err := vault.RotateMaster(path); err != nil {
		return err
	}
	_, err = fmt.Fprintf(in.Stdout, "The master key file %s has a new wrapping key; keep a copy of it apart from the backups, in the place of the old one.\nStart every instance of the portal with this file. What was wrapped before still opens.\n", path)
	return err
}
