import type { ColorWhen } from '../color.ts'
import type { OptionDefinition } from './types.ts'

/** `--color`, the same on every command; `color.ts` says what decides when it is `auto`. */
export const COLOR_OPTION: OptionDefinition = {
  flags: '--color <when>',
  text: 'Colour',
  choices: ['auto', 'always', 'never'] satisfies ColorWhen[],
  defaultValue: 'auto',
}
