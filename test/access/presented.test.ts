import { describe, expect, it } from 'vitest'
import { credentialOfLine, credentialOfRequest } from '../../src/access/presented.ts'

describe('credentialOfLine', () => {
  it.each([
    ['secret', 'secret'],
    ['secret\r', 'secret'],
    ['Bearer secret', 'secret'],
    ['bearer   secret \r', 'secret'],
    ['Bearer', 'Bearer'],
    ['Bearersecret', 'Bearersecret'],
    ['', ''],
  ])('takes from %j %j', (line, credential) => {
    expect(credentialOfLine(line)).toBe(credential)
  })
})

describe('credentialOfRequest', () => {
  it.each([
    [{ headers: { authorization: 'Bearer a.b.c' } }, { text: 'a.b.c' }],
    [{ headers: {}, url: '/chat?room=1&token=x%2By' }, { text: 'x+y' }],
    [{ headers: {}, url: '/?access_token=x' }, { text: 'x' }],
    [
      { headers: { 'sec-websocket-protocol': 'chat, bearer, abc' } },
      { text: 'abc', protocol: 'bearer' },
    ],
    [{ headers: { authorization: 'Bearer one' }, url: '/?token=two' }, { text: 'one' }],
  ])('finds what %j shows', (request, shown) => {
    expect(credentialOfRequest(request)).toEqual(shown)
  })

  it.each([
    { headers: {} },
    { headers: { authorization: 'Basic YTpi' }, url: '/token=x' },
    { headers: {}, url: '/?token=' },
    { headers: {}, url: '/?x=1#?token=x' },
    { headers: { 'sec-websocket-protocol': 'bearer' } },
    { headers: { 'sec-websocket-protocol': 'chat' } },
  ])('finds none in %j', request => {
    expect(credentialOfRequest(request)).toBeUndefined()
  })
})
