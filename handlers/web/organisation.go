package web

import "github.com/gofiber/fiber/v2"

func (s *Site) mountOrganisation(app *fiber.App) {}
