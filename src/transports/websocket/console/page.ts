/// <reference path="./inlined.d.ts" />
import { createHash } from 'node:crypto'
import script from './page.browser.js'
import style from './page.css'
import html from './page.html'

/** What the page has to know of its server. */
export interface PageSettings {
  /** The Host header of the request, which is a name of ours. */
  readonly host: string
  readonly subprotocols: readonly string[] | undefined
  readonly asksForCredential: boolean
}

/** The console: one page that asks nobody for anything but its own server. */
export function consolePage(settings: PageSettings): {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
} {
  const { host, subprotocols, asksForCredential } = settings
  const attributes = [
    ...(subprotocols === undefined ? [] : [`data-subprotocols="${attribute(subprotocols)}"`]),
    ...(asksForCredential ? ['data-credential="bearer"'] : []),
  ]
  return {
    body: html
      .replace('<style>', tag => tag + style)
      .replace('<script>', tag => tag + script)
      .replace('<body>', `<body ${attributes.join(' ')}>`),
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': [
        "default-src 'none'",
        `style-src ${hashOf(style)}`,
        `script-src ${hashOf(script)}`,
        // Not every browser takes ws: of the same host for 'self'.
        `connect-src 'self' ws://${host} wss://${host}`,
        'img-src data:',
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
    },
  }
}

/** By which the policy knows the code again that the page is made with (CSP 3 §2.3.1). */
function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

function attribute(value: unknown): string {
  return JSON.stringify(value).replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;')
}
