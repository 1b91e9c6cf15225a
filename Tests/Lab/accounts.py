"""Users, roles, tokens and grants that last, where fakepve checks such calls and forgets them."""
import secrets
import uuid

from fakepve import PveError, shapes

AUDITOR = {'VM.Audit', 'Sys.Audit', 'SDN.Audit', 'Pool.Audit', 'Datastore.Audit', 'Mapping.Audit'}


class Accounts:
    def __init__(self):
        self.accounts = {'root@pam'}
        self.roles = {'Administrator': set(shapes.PRIVILEGES), 'NoAccess': set()}
        self.entries = []      # (path, 'user' or 'token', name, role)
        self.separated = set()  # tokens that have only the rights of both: their own and their user's

    def _routes_accounts(self):
        return [('POST', '/access/users', self._add_user), ('DELETE', '/access/users/{userid}', self._remove_user),
                ('POST', '/access/users/{userid}/token/{tokenid}', self._add_token),
                ('DELETE', '/access/users/{userid}/token/{tokenid}', self._remove_token),
                ('POST', '/access/roles', self._add_role), ('DELETE', '/access/roles/{roleid}', self._remove_role),
                ('GET', '/access/acl', self._list_entries), ('PUT', '/access/acl', self._change_entries)]

    def privileges(self, role):
        if role == 'PVEAuditor':
            return AUDITOR | ({'VM.GuestAgent.Audit'} if self.major >= 9 else set())
        return self.roles[role]

    @property
    def major(self):
        return int(self.version.split('.')[0])

    async def _add_user(self, values, user):
        if values['userid'] in self.accounts:
            raise PveError(500, "create user failed: user '{0}' already exists".format(values['userid']))
        self.accounts.add(values['userid'])

    async def _remove_user(self, values, user):
        for token in [t for t in self.apitokens if t.startswith(values['userid'] + '!')]:
            self._forget_token(token)
        self.accounts.discard(values['userid'])
        self.entries = [e for e in self.entries if e[2] != values['userid']]
        self._apply_entries()

    async def _add_token(self, values, user):
        token = '{userid}!{tokenid}'.format(**values)
        if values['userid'] not in self.accounts:
            raise PveError(403, 'Permission check failed')
        if token in self.apitokens:
            raise PveError(400, 'Parameter verification failed.', {'tokenid': 'Token already exists.'})
        self.apitokens[token] = str(uuid.UUID(bytes=secrets.token_bytes(16)))
        if str(values.get('privsep', 1)) != '0':
            self.separated.add(token)
        return {'full-tokenid': token, 'value': self.apitokens[token], 'info': {'privsep': '1'}}

    async def _remove_token(self, values, user):
        token = '{userid}!{tokenid}'.format(**values)
        if token not in self.apitokens:
            raise PveError(500, "no such token '{tokenid}' for user '{userid}'".format(**values))
        self._forget_token(token)
        self._apply_entries()

    def _forget_token(self, token):
        del self.apitokens[token]
        self.separated.discard(token)
        self.entries = [e for e in self.entries if e[2] != token]

    async def _add_role(self, values, user):
        role, privileges = values['roleid'], set(str(values.get('privs', '')).replace(',', ' ').split())
        unknown = privileges - set(shapes.PRIVILEGES) - ({'VM.Monitor'} if self.major < 9 else set())
        if role.lower().startswith('pve'):
            raise PveError(400, 'Parameter verification failed.', {'roleid': 'role names may not start with PVE'})
        if unknown:
            raise PveError(400, 'Parameter verification failed.', {
                'privs': "invalid format - invalid privilege '{0}'".format(sorted(unknown)[0])})
        if role in self.roles:
            raise PveError(500, "create role failed: role '{0}' already exists".format(role))
        self.roles[role] = privileges

    async def _remove_role(self, values, user):
        self.roles.pop(values['roleid'], None)

    async def _list_entries(self, values, user):
        return [{'path': path, 'type': kind, 'ugid': name, 'roleid': role, 'propagate': 1}
                for path, kind, name, role in self.entries]

    async def _change_entries(self, values, user):
        wanted = []
        for role in str(values['roles']).split(','):
            if role != 'PVEAuditor' and role not in self.roles:
                raise PveError(500, "ACL update failed: role '{0}' does not exist".format(role))
            for kind, known in (('user', self.accounts), ('token', self.apitokens)):
                for name in filter(None, str(values.get(kind + 's', '')).split(',')):
                    if name not in known:
                        raise PveError(500, "ACL update failed: {0} '{1}' does not exist".format(kind, name))
                    wanted.append((values['path'], kind, name, role))
        self.entries = [e for e in self.entries if e not in wanted]
        if str(values.get('delete', 0)) != '1':
            self.entries += wanted
        self._apply_entries()

    def _apply_entries(self):
        """What fakepve checks, from the entries."""
        self.acl = {}
        for path, _kind, name, role in self.entries:
            self.grant(name, path, *self.privileges(role))

    def allowed(self, user, path, priv):
        if user not in self.separated:
            return super().allowed(user, path, priv)
        own = any(priv in privs and (granted == '/' or path == granted or path.startswith(granted + '/'))
                  for granted, privs in (self.acl or {}).get(user, []))
        return own and super().allowed(user.split('!')[0], path, priv)

    async def _permissions(self, values, user):
        who = values.get('userid') or user
        if who not in self.separated:
            return await super()._permissions(values, user)
        paths = [values['path']] if values.get('path') else {e[0] for e in self.entries} | {'/'}
        known = set(shapes.PRIVILEGES) | {'VM.Monitor'}
        held = {path: {p: 1 for p in sorted(known) if self.allowed(who, path, p)} for path in paths}
        return {path: privileges for path, privileges in held.items() if privileges}
