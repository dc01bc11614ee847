import { describe, expect, test } from 'vitest'
import { nodeUrl } from './nodeUrl.ts'

describe('nodeUrl', () => {
  test.each([
    ['http://127.0.0.1:8443', 'http://127.0.0.1:8443/v1/x'],
    ['https://node.example/', 'https://node.example/v1/x'],
    ['https://node.example/base//', 'https://node.example/base/v1/x'],
    ['https://node.example//other.example', 'https://node.example//other.example/v1/x'],
  ])('default: %s', (endpoint, url) => {
    expect(nodeUrl(endpoint, '/v1/x').href).toBe(url)
  })

  test.each([
    'file:///dev/zero?',
    'file:///etc/passwd',
    'http://169.254.169.254/latest/meta-data?',
    'http://10.0.0.1/admin?x=1',
    'http://10.0.0.1/admin#',
    'http://user@node.example',
    'http://:secret@node.example',
    'data:text/plain,x',
    'node.example',
    '',
  ])('error: SDK_PROVIDER_ENDPOINT_INVALID for %j', (endpoint) => {
    expect(() => nodeUrl(endpoint, '/v1/x')).toThrow(expect.objectContaining({ code: 'SDK_PROVIDER_ENDPOINT_INVALID' }))
  })
})
