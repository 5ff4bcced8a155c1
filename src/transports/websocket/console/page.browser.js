// The page that a browser gets from a WebSocket listener. What comes from others is put in as text only.
'use strict'

const MAX_ROWS = 1000
const MAX_SHOWN_BYTES = 16 * 1024
const LONGEST_WAIT_MS = 10_000
const GUESTS_MS = 2000

const at = id => document.getElementById(id)
const settings = document.body.dataset
const url = `${location.protocol.replace('http', 'ws')}//${location.host}${location.pathname}${location.search}`
const encoder = new TextEncoder()

let socket
let isWanted = true
let failures = 0
let retry

at('url').textContent = url
at('credential').hidden = settings.credential === undefined
document.title = `${location.host} – sockctl`

function connect() {
  clearTimeout(retry)
  show('connecting', 'connecting')
  const token = at('token').value
  const protocols = settings.subprotocols === undefined ? [] : JSON.parse(settings.subprotocols)
  try {
    socket = new WebSocket(url, token === '' ? protocols : ['bearer', token, ...protocols])
  } catch (error) {
    isWanted = false
    show('closed', 'not connected')
    add('event bad', '', error.message)
    return
  }
  const current = socket
  let hasOpened = false
  current.binaryType = 'arraybuffer'
  current.addEventListener('open', () => {
    hasOpened = true
    failures = 0
    show('connected', 'connected')
    add('event', '', current.protocol === '' ? 'connected' : `connected, ${current.protocol}`)
    at('message').focus()
    void refreshGuests()
  })
  current.addEventListener('message', ({ data }) => receive(data))
  current.addEventListener('close', event => {
    if (current === socket) ended(event, hasOpened)
  })
}

function ended({ code, reason }, hasOpened) {
  const words = hasOpened
    ? `closed: ${code}${reason === '' ? '' : ` ${reason}`}`
    : 'cannot connect: the server is not there, or does not let this page in'
  // Said once, however often it is tried.
  if (hasOpened || failures === 0) add(code === 1000 ? 'event' : 'event bad', '', words)
  failures++
  show('closed', hasOpened ? `closed (${code})` : 'not connected')
  if (isWanted) retry = setTimeout(connect, Math.min(LONGEST_WAIT_MS, 500 * 2 ** failures))
}

function show(state, words) {
  at('state').dataset.state = state
  at('state').textContent = words
  at('send').disabled = state !== 'connected'
  at('toggle').textContent = isWanted ? 'Disconnect' : 'Connect'
}

function receive(data) {
  if (typeof data === 'string') add('received', '↓', data, encoder.encode(data).length)
  else add('received', '↓', hexOf(new Uint8Array(data)), data.byteLength, 'binary')
}

function add(kind, way, words, bytes, note = '') {
  const log = at('log')
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40
  const row = document.createElement('li')
  row.className = kind
  const now = new Date()
  const time = part('time', clock(now))
  time.dateTime = now.toISOString()
  const size = bytes === undefined ? '' : `${sizeOf(bytes)}${note === '' ? '' : ` ${note}`}`
  const isLong = words.length > MAX_SHOWN_BYTES
  const body = isLong ? `${words.slice(0, MAX_SHOWN_BYTES)}… (more is not shown)` : words
  row.append(time, part('span', way, 'way'), part('span', body, 'body'), part('span', size, 'size'))
  log.append(row)
  while (log.childElementCount > MAX_ROWS) log.firstElementChild.remove()
  at('empty').hidden = true
  at('empty').style.display = 'none'
  if (isAtEnd) log.scrollTop = log.scrollHeight
}

function part(name, text, className = '') {
  const element = document.createElement(name)
  element.textContent = text
  if (className !== '') element.className = className
  return element
}

function clock(date) {
  const two = number => String(number).padStart(2, '0')
  const ms = String(date.getMilliseconds()).padStart(3, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`
}

function sizeOf(bytes) {
  if (bytes < 1024) return `${bytes} B`
  return bytes < 1024 ** 2
    ? `${(bytes / 1024).toFixed(1)} KiB`
    : `${(bytes / 1024 ** 2).toFixed(1)} MiB`
}

function hexOf(bytes) {
  const shown = bytes.subarray(0, MAX_SHOWN_BYTES / 3)
  const hex = Array.from(shown, byte => byte.toString(16).padStart(2, '0')).join(' ')
  return shown.length < bytes.length ? `${hex} …` : hex
}

function bytesOf(text) {
  const digits = text.replace(/0x|[\s,:]/gi, '')
  if (/[^\da-f]/i.test(digits)) throw new Error('Not hex: write pairs of 0-9 and a-f, as 01 00 af.')
  if (digits.length % 2 === 1) throw new Error('Not hex: the last byte is half a byte.')
  return Uint8Array.from(digits.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
}

function send() {
  const text = at('message').value
  at('problem').textContent = ''
  try {
    if (socket?.readyState !== WebSocket.OPEN) throw new Error('Not connected.')
    if (document.querySelector('[name=kind]:checked').value === 'hex') {
      const bytes = bytesOf(text)
      socket.send(bytes)
      add('sent', '↑', hexOf(bytes), bytes.length, 'binary')
    } else {
      socket.send(text)
      add('sent', '↑', text, encoder.encode(text).length)
    }
    at('message').value = ''
  } catch (error) {
    at('problem').textContent = error.message
  }
}

async function refreshGuests() {
  if (document.hidden) return
  const token = at('token').value
  try {
    const answer = await fetch(location.href, {
      headers: {
        Accept: 'application/json',
        ...(token === '' ? {} : { Authorization: `Bearer ${token}` }),
      },
      cache: 'no-store',
    })
    showGuests(answer.ok ? (await answer.json()).guests : [])
  } catch {
    showGuests([])
  }
}

function showGuests(guests) {
  at('count').textContent = String(guests.length)
  at('list').replaceChildren(
    ...guests.map(({ address, facts, seconds, messagesIn, messagesOut }) => {
      const row = part('li', address)
      const said = Object.entries(facts).map(([name, value]) => `${name} ${value}`)
      row.append(
        part(
          'small',
          [`${age(seconds)}, ${messagesIn} in, ${messagesOut} out`, ...said].join(' · '),
        ),
      )
      return row
    }),
  )
}

function age(seconds) {
  if (seconds < 60) return `${seconds} s`
  return seconds < 3600 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`
}

at('composer').addEventListener('submit', event => {
  event.preventDefault()
  send()
})
at('message').addEventListener('keydown', event => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
  event.preventDefault()
  send()
})
at('token').addEventListener('change', () => {
  failures = 0
  isWanted = true
  socket?.close(1000)
  connect()
})
at('toggle').addEventListener('click', () => {
  isWanted = !isWanted
  failures = 0
  if (isWanted) {
    connect()
  } else {
    clearTimeout(retry)
    socket?.close(1000)
    show(socket?.readyState === WebSocket.CLOSED ? 'closed' : 'connecting', 'disconnected')
  }
})
document.addEventListener('visibilitychange', () => void refreshGuests())
if (matchMedia('(max-width: 640px)').matches) at('guests').open = false
setInterval(refreshGuests, GUESTS_MS)
if (settings.credential === undefined) connect()
else show('closed', 'needs a token')
