package web

import "github.com/gofiber/fiber/v2"

func (s auditing) mountRecord(app *fiber.App, party fiber.Handler) {}
