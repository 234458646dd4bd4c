package web

import "github.com/gofiber/fiber/v2"

func (s auditing) mountCalendar(app *fiber.App, anyone fiber.Handler) {}
