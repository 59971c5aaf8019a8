import { describe, expect, it } from 'vitest';
import { type GivenRole, givenRoles, refuseChange, refuseInviting } from './membership.ts';
import { type Role, roles } from './role.ts';

/** What each role may make of a member of each role; `-`: remove. */
const allowed: Record<Role, Partial<Record<Role, string>>> = {
  viewer: {},
  editor: {},
  admin: { viewer: 'viewer editor admin -', editor: 'viewer editor admin -' },
  owner: { viewer: 'viewer editor admin -', editor: 'viewer editor admin -', admin: 'viewer editor admin -' },
};

describe.each(['admin', 'owner'] as const)('an %s', (by) => {
  it.each(roles)('changes a member who is %s', (from) => {
    const possible = [...givenRoles, null].filter((to) => refuseChange({ by, isSelf: false, from, to }) === null);
    expect(possible.map((to) => to ?? '-').join(' ')).toBe(allowed[by][from] ?? '');
  });

  it.each([...givenRoles, null])('does not change themselves to %s', (to) => {
    expect(refuseChange({ by, isSelf: true, from: by, to })).not.toBeNull();
  });
});

it.each<[Role, GivenRole[]]>([
  ['viewer', []],
  ['editor', []],
  ['admin', ['viewer', 'editor', 'admin']],
  ['owner', ['viewer', 'editor', 'admin']],
])('%s invites %j', (by, expected) => {
  expect(givenRoles.filter((role) => refuseInviting(by, role) === null)).toEqual(expected);
});
