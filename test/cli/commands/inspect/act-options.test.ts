import { expect, it } from 'vitest'
import { run } from '../../../support/context.ts'

it.each([
  [['3000', '--yes'], '--yes needs --free or --close'],
  [['3000', '--dry-run'], '--dry-run needs --free or --close'],
  [['3000', '--force'], '--force needs --free'],
  [['3000', '--close', '--grace', '1s'], '--grace needs --free'],
  [['3000', '--expect-cwd', '.'], '--expect-cwd needs --free'],
  [['3000', '--free', '--signal', 'USR1'], '"USR1" is not one of TERM, INT, HUP, QUIT, KILL'],
  [['3000', '--free', '--close'], 'cannot be used with'],
  [['3000', '--free', '--csv'], 'cannot be used with'],
])('refuses %j', async (words, message) => {
  const { code, stderr } = await run(['inspect', ...words])
  expect(stderr).toContain(message)
  expect(code).toBe(2)
})

it('says where --free cannot tell processes apart', async () => {
  const { code, stderr } = await run(['inspect', '3000', '--free'], { platform: 'darwin' })
  expect(stderr).toContain('--free cannot tell processes apart on this system')
  expect(code).toBe(9)
})
