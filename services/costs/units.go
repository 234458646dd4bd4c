package costs

import (
	"fmt"

	"github.com/bojanz/currency"
)

// Digits is how many decimals a currency has by ISO 4217: 2 for EUR, 0 for JPY,
// 3 for BHD, 4 for CLF. Amounts are whole numbers of its smallest unit.
func Digits(code string) int {
	digits, ok := currency.GetDigits(code)
	if !ok {
		return 2
	}
	return int(digits)
}

// Plain writes an amount with the decimals of its currency and nothing else,
// with the decimal sign that is given: "12.05", for JPY "1205".
func Plain(units int64, code, point string) string {
	digits := Digits(code)
	if digits == 0 {
		return fmt.Sprintf("%d", units)
	}
	scale := int64(1)
	for range digits {
		scale *= 10
	}
	return fmt.Sprintf("%d%s%0*d", units/scale, point, digits, units%scale)
}
