/** What somebody wants of a live table. */
export type LiveAction =
  | { readonly kind: 'quit' | 'interrupt' | 'suspend' | 'sort' | 'reverse' | 'pause' | 'erase' }
  | { readonly kind: 'scroll'; readonly rows: number; readonly pages: number }
  /** Begins or ends the typing of the filter. */
  | { readonly kind: 'type'; readonly isOn: boolean; readonly isCleared: boolean }
  | { readonly kind: 'letter'; readonly letter: string }

/** One key: a sequence of xterm, or a letter. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: keys are control characters
const KEY = /\x1b(?:\[[0-9;]*[A-Za-z~]|O[A-Z])|[\s\S]/gu

const ALWAYS: Readonly<Record<string, LiveAction>> = {
  '\x03': { kind: 'interrupt' },
  '\x1a': { kind: 'suspend' },
  '\x1b[A': { kind: 'scroll', rows: -1, pages: 0 },
  '\x1b[B': { kind: 'scroll', rows: 1, pages: 0 },
  '\x1b[5~': { kind: 'scroll', rows: 0, pages: -1 },
  '\x1b[6~': { kind: 'scroll', rows: 0, pages: 1 },
}

const COMMANDS: Readonly<Record<string, LiveAction>> = {
  q: { kind: 'quit' },
  s: { kind: 'sort' },
  r: { kind: 'reverse' },
  p: { kind: 'pause' },
  '/': { kind: 'type', isOn: true, isCleared: false },
  '\x1b': { kind: 'type', isOn: false, isCleared: true },
  k: { kind: 'scroll', rows: -1, pages: 0 },
  j: { kind: 'scroll', rows: 1, pages: 0 },
  ' ': { kind: 'scroll', rows: 0, pages: 1 },
  b: { kind: 'scroll', rows: 0, pages: -1 },
}

const TYPING: Readonly<Record<string, LiveAction>> = {
  '\r': { kind: 'type', isOn: false, isCleared: false },
  '\n': { kind: 'type', isOn: false, isCleared: false },
  '\x1b': { kind: 'type', isOn: false, isCleared: true },
  '\x7f': { kind: 'erase' },
  '\b': { kind: 'erase' },
}

/** Reads what was typed on a terminal in raw mode; keys that mean nothing are left out. */
export function keysIn(text: string, { isTyping }: { readonly isTyping: boolean }): LiveAction[] {
  const actions: LiveAction[] = []
  let isOn = isTyping
  for (const [key] of text.matchAll(KEY)) {
    const action = ALWAYS[key] ?? (isOn ? typed(key) : COMMANDS[key])
    if (action === undefined) continue
    if (action.kind === 'type') isOn = action.isOn
    actions.push(action)
  }
  return actions
}

function typed(key: string): LiveAction | undefined {
  if (Object.hasOwn(TYPING, key)) return TYPING[key]
  return key.length <= 2 && key >= ' ' && !key.startsWith('\x1b')
    ? { kind: 'letter', letter: key }
    : undefined
}
