/** A number and the word that fits it, by the rules and digits of a language. */

export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }

/** Gives the function that says `3 members`; the forms are words without the number. */
export function counting(language: string): (count: number, forms: Forms) => string {
  const rules = new Intl.PluralRules(language)
  const digits = new Intl.NumberFormat(language)
  return (count, forms) => `${digits.format(count)} ${forms[rules.select(count)] ?? forms.other}`
}
