"""Expressions and variables for the comparison with ansible-core."""

VARIABLES = {
    "a": "hi",
    "n": 7,
    "f": 2.5,
    "t": True,
    "no": False,
    "nil": None,
    "empty": "",
    "words": ["pear", "apple", "Fig", "apple"],
    "numbers": [3, 1, 2, 3],
    "nested": [1, [2, [3, None]], "x"],
    "d": {"a": 1, "b": "{{ a }}", "c": {"deep": "{{ n + 1 }}"}},
    "e": {"b": [1], "c": {"more": 2}},
    "self": {"x": 1, "y": "{{ self.x }}"},
    "people": [
        {"name": "ann", "age": 30, "langs": ["de", "fr"], "on": True},
        {"name": "bob", "age": 25, "langs": ["en"], "on": False},
        {"name": "{{ 'cy' }}", "age": 41, "langs": [], "on": True},
    ],
    "chain": "{{ chain2 }}",
    "chain2": "{{ d.c.deep }}",
    "ghost": "{{ nowhere }}",
    "broken": "{{ 'x' | from_json }}",
    "loop_a": "{{ loop_b }}",
    "loop_b": "{{ loop_a }}",
    "result": {"changed": True, "failed": False, "rc": 0, "stdout_lines": ["one", "two"]},
    "skipped": {"skipped": True, "changed": False},
    "looped": {"results": [{"changed": False}, {"changed": True}]},
    "path": "/etc/ssh/sshd_config.d/x.conf",
    "win": "C:\\Users\\me\\file.txt",
    "multi": "one\ntwo\nthree\n",
    "json": '{"k": [1, 2, {"z": null}]}',
    "yaml": "k: [1, 2]\nm:\n  - yes\n  - 2020-01-02\n",
    "cond": "n == 7",
    "url": "http://user:pw@example.com:9000/dir/index.html?query=term#frag",
}

EXPRESSIONS = r"""
1 + 1
n * 2
n / 2
n // 2
n % 4
-n
2 ** 10
'a' ~ 1 ~ none
a + 'x'
f * 2
1 == 1.0
n > 3 and t
not t
n in numbers
'z' not in words
nil
empty
words
numbers
nested
d
d.b
d['b']
d.c.deep
d.c
self
self.y
people
people[0].name
people[2].name
people[-1].langs
people[0].langs[1]
chain
ghost
ghost | default('none')
ghost is defined
ghost is undefined
broken
broken is defined
broken | default('x')
nowhere
nowhere.x
nowhere.x.y | default('z')
nowhere['x'] | default(3)
nowhere | upper | default('u')
d.nope
d.nope.deeper
d.nope | default(omit)
d['nope'] is defined
d.nope is not defined
numbers[99]
numbers[99] | default('far')
loop_a
nowhere + 1
(nowhere + 1) | default(2)
nowhere | mandatory
nowhere | mandatory('say so')
a | mandatory
undef('gone')
undef(hint='gone')
omit
[1, omit, 2]
{'a': omit, 'b': 1}
[[omit], {'x': {'y': omit}}]
t | ternary('y', 'n')
no | ternary('y', 'n')
nil | ternary('y', 'n', 'z')
t | ternary('y', broken)
t | ternary('y', nowhere)
'yes' if t else nowhere
nowhere if t else 'q'
'x' if no
a if a is defined else broken
a | upper
a | capitalize
a | length
a | reverse
a | list
a | first
a | last
'a,b,c' | split(',')
'a b  c' | split
'a-b-c' | split('-', 1)
'a,b'.split(',')
a.upper()
a.startswith('h')
'%s-%05d' | format(a, n)
'%s' % a
'{} {}'.format(a, n)
a.__class__
a.__class__.__mro__
''.__class__.__subclasses__()
d.__init__
d.items()
d.items() | list
d.keys()
d.keys() | list
d.values() | list
d.get('a')
d.get('zz', 9)
d.get('zz')
d | length
d | list
d | dict2items
d | dict2items(key_name='k', value_name='v')
d | items | list
d | dictsort
d | to_json
d | to_json(indent=2)
d | to_nice_json
d | to_nice_json(indent=2)
people | to_json
'é' | to_json
'é' | to_json(ensure_ascii=false)
json | from_json
'nope' | from_json
yaml | from_yaml
d | to_yaml
d | to_nice_yaml
people | to_nice_yaml(indent=2)
words | to_yaml
multi | to_yaml
yaml | to_nice_yaml
[] | to_yaml
'a: [1' | from_yaml
'--- 1\n--- 2\n' | from_yaml_all
n | from_yaml
nil | from_yaml
d | combine(e)
d | combine(e, recursive=true)
[d, e] | combine
d | combine([e, {'q': 1}])
{'l': [1, 2]} | combine({'l': [2, 3]}, list_merge='append')
{'l': [1, 2]} | combine({'l': [2, 3]}, list_merge='prepend')
{'l': [1, 2]} | combine({'l': [2, 3]}, list_merge='append_rp')
{'l': [1, 2]} | combine({'l': [2, 3]}, list_merge='prepend_rp')
{'l': [1, 2]} | combine({'l': [2, 3]}, list_merge='keep')
{'l': [1, 2]} | combine({'l': [2, 3]}, list_merge='huh')
{'x': {'l': [1]}} | combine({'x': {'l': [2]}}, recursive=true, list_merge='append')
d | combine('x')
d | combine(e, bogus=1)
{} | combine({})
nested | flatten
nested | flatten(levels=1)
nested | flatten(skip_nulls=false)
'abc' | flatten
[{'key': 'x', 'value': 1}] | items2dict
[{'k': 'x', 'v': 1}] | items2dict(key_name='k', value_name='v')
[{'k': 'x'}] | items2dict
'x' | items2dict
n | dict2items
people | subelements('langs')
people | subelements('nope')
people | subelements('nope', skip_missing=true)
people | subelements('age')
people | map(attribute='name')
people | map(attribute='name') | list
people | map(attribute='nope') | list
people | map(attribute='nope', default='-') | list
people | selectattr('on') | map(attribute='name') | list
people | selectattr('age', '>', 26) | map(attribute='name') | list
people | selectattr('age', 'gt', 26) | map(attribute='name') | join(',')
people | rejectattr('on') | list
people | selectattr('name', 'match', '^a') | list
people | selectattr('name', 'in', ['bob']) | map(attribute='age') | first
people | selectattr('nope', 'defined') | list
people | sum(attribute='age')
people | sort(attribute='age') | map(attribute='name') | list
people | sort(attribute='age', reverse=true) | map(attribute='name')
people | groupby('on')
people | groupby('on') | map('first') | list
people | max(attribute='age')
people | min(attribute='age')
people | map('combine', {'new': 1}) | list
words | unique
words | unique(case_sensitive=false)
[1, [2], [2]] | unique
words | sort
words | sort(case_sensitive=true)
words | join('-')
numbers | join(',')
words | map('upper') | list
words | select('match', 'a') | list
words | reject('search', 'p') | list
words | map('regex_replace', 'p+', 'P') | list
words | map('length') | sum
numbers | max
numbers | min
numbers | sum
numbers | sort | first
numbers | map('string')
numbers | select('odd') | list
numbers | batch(2) | list
numbers | slice(2) | list
numbers | product([7, 8]) | list
numbers | permutations(2) | list
numbers | combinations(2) | list
numbers | zip(words) | list
numbers | zip_longest([1], fillvalue='-') | list
[1, 2] | union([2, 3]) | sort
[1, 2] | intersect([2, 3])
[1, 2] | difference([2, 3])
[1, 2] | symmetric_difference([2, 3]) | sort
[{'a': 1}] | union([{'a': 1}, {'b': 2}])
[{'a': 1}] | intersect([{'a': 1}, {'b': 2}])
[{'a': 1}] | difference([{'a': 1}])
[{'a': 1}] | symmetric_difference([{'b': 1}])
'x' | union(1)
numbers | shuffle(seed=3)
numbers | random(seed=3)
100 | random(seed='s')
10 | random(start=2, step=4, seed=1)
'x' | random(1)
2.5 | random
8 | log(2)
100 | log(10)
n | log
2 | pow(5)
9 | root
27 | root(3)
'x' | pow(2)
'x' | log
'x' | root
2.567 | round(1)
2.567 | round(1, 'floor')
-3 | abs
'12' | int
'0x1f' | int(base=16)
'zz' | int
'2.5' | float
1024 | human_readable
1048576 | human_readable(unit='K')
5000 | human_readable(isbits=true)
0 | human_readable
'x' | human_readable
'10M' | human_to_bytes
'1.5 GB' | human_to_bytes
'10' | human_to_bytes(default_unit='K')
'1Mb' | human_to_bytes(isbits=true)
'1Mb' | human_to_bytes
'1 megabyte' | human_to_bytes
'nope' | human_to_bytes
'1Q' | human_to_bytes
'yes' | bool
'no' | bool
'TRUE' | bool
1 | bool
0 | bool
2 | bool
'maybe' | bool
nil | bool
[] | bool
a | quote
'it''s' | quote
"it's" | quote
nil | quote
n | quote
'foo.bar(x)' | regex_escape
'^a.*b$' | regex_escape('posix_basic')
'a' | regex_escape('posix_extended')
'foobar' | regex_replace('^f(.)', '\1')
'foobar' | regex_replace('o', '0', count=1)
'foobar' | regex_replace('O', '0', ignorecase=true)
'a\nb' | regex_replace('^b', 'c', multiline=true)
'foobar' | regex_replace('o', '0', mandatory_count=1)
n | regex_replace('7', 'x')
'foobar' | regex_replace('(', 'x')
'foo42bar7' | regex_search('[0-9]+')
'foo42bar7' | regex_search('([a-z]+)([0-9]+)', '\2')
'foo42bar7' | regex_search('([a-z]+)([0-9]+)', '\2', '\1')
'foo42bar7' | regex_search('(?P<w>[a-z]+)', '\g<w>')
'foo' | regex_search('[0-9]+')
'foo' | regex_search('o', 'bad')
'foo42bar7' | regex_findall('[0-9]+')
'a1b2' | regex_findall('([a-z])([0-9])')
'A1' | regex_findall('a', ignorecase=true)
path | basename
path | dirname
path | splitext
path | relpath('/etc')
'/a/../b//c' | normpath
'~root' | expanduser
['/etc', 'x', 'y'] | path_join
'x' | path_join
n | path_join
['/a/b/c', '/a/b/d'] | commonpath
'/a' | commonpath
win | win_basename
win | win_dirname
win | win_splitdrive
'/etc/host*name' | fileglob
a | b64encode
'aGk=' | b64decode
'+/8=' | b64encode(urlsafe=true)
'é' | b64encode
'!!' | b64decode
a | hash
a | hash('sha256')
a | hash('md5')
a | hash('nope')
a | md5
a | sha1
a | checksum
n | hash('sha1')
a | to_uuid
a | to_uuid(namespace='6ba7b810-9dad-11d1-80b4-00c04fd430c8')
a | to_uuid(namespace='bad')
'2024-02-03 04:05:06' | to_datetime
'2024-02-03' | to_datetime('%Y-%m-%d')
('2024-02-03' | to_datetime('%Y-%m-%d')).year
(('2024-02-03' | to_datetime('%Y-%m-%d')) - ('2024-02-01' | to_datetime('%Y-%m-%d'))).days
('2024-02-03' | to_datetime('%Y-%m-%d')) - ('2024-02-01' | to_datetime('%Y-%m-%d'))
'bad' | to_datetime
'%Y-%m-%d' | strftime(0, utc=true)
'%H:%M' | strftime('86399', utc=true)
'%Y' | strftime('x')
'%Y' | strftime | length
url | urlsplit
url | urlsplit('hostname')
url | urlsplit('port')
url | urlsplit('nope')
'a%20b+c' | urldecode
'a b&c' | urlencode
{'q': 'a b'} | urlencode
a | comment
multi | comment
multi | comment('c')
multi | comment('cblock')
multi | comment('xml')
multi | comment('erlang')
multi | comment(decoration='; ')
multi | comment('plain', prefix='###', postfix='***', prefix_count=2)
multi | comment('plain', beginning='BEGIN', end='END')
a | comment('nope')
[1, 2] | extract(['x', 'y', 'z'])
'b' | extract(d)
'c' | extract(d, 'deep')
'c' | extract(d, ['deep'])
[0, 2] | map('extract', words) | list
'zz' | extract(d)
[{'id': 'x', 'v': 1}, {'id': 'y'}] | rekey_on_member('id')
[{'id': 'x'}, {'id': 'x'}] | rekey_on_member('id')
[{'id': 'x', 'n': 1}, {'id': 'x', 'n': 2}] | rekey_on_member('id', duplicates='overwrite')
[{'id': 'x'}] | rekey_on_member('zz')
d | type_debug
words | type_debug
a | type_debug
n | type_debug
t | type_debug
f | type_debug
nil | type_debug
(1, 2) | type_debug
range(3) | type_debug
range(3) | list
range(3)
range(1, 10, 3) | list
range(1000000000) | random(seed=1)
dict(a=1)
dict([['a', 1]])
namespace(x=1).x
lipsum(n=1, html=false) | length > 10
cycler('a', 'b').next()
joiner(',')()
now().year > 2000
now(utc=true, fmt='%Y') | int > 2000
lookup('items', [1, [2, 3]])
query('items', [1, [2, 3]])
q('list', 1, 2)
lookup('dict', {'a': 1})
query('dict', {'a': 1, 'b': 2})
lookup('vars', 'a')
lookup('vars', 'nope')
lookup('vars', 'nope', default='dd')
lookup('vars', 'a', 'n')
query('vars', 'a', 'n')
lookup('vars', 1)
lookup('varnames', '^chai')
query('varnames', '^chain', 'url')
lookup('env', 'NO_SUCH_ENV_VARIABLE')
lookup('env', 'NO_SUCH_ENV_VARIABLE', default='d')
lookup('env', 'NO_SUCH_ENV_VARIABLE', default=undef())
lookup('env', 'HOME')
lookup('sequence', 'end=3')
query('sequence', 'start=1 end=11 stride=2 format=0x%02x')
query('sequence', '5-8')
query('sequence', '2-10/2')
query('sequence', '4:host%02d')
query('sequence', 'count=4')
query('sequence', 'start=5 end=1 stride=-2')
query('sequence', 'start=5 end=1')
query('sequence', 'end=3 count=2')
query('sequence', 'count=0')
query('sequence', start=1, end=3)
query('sequence', 'bogus=3')
query('sequence', 'start=1 end=3 format=%d%d')
query('nested', [1, 2], ['a', 'b'])
query('nested', [1, 2], ['a'], ['x', 'y'])
query('together', [1, 2], ['a'])
query('indexed_items', ['a', 'b'])
query('subelements', people, 'langs')
query('subelements', people, 'nope')
query('subelements', people, 'nope', {'skip_missing': true})
query('subelements', {'x': {'l': [1, 2], 'm': 3}}, 'l')
query('subelements', [{'a': {'b': [1]}, 'c': 2}], 'a.b')
query('random_choice', ['x'])
lookup('pipe', 'echo hi')
lookup('pipe', 'exit 3')
lookup('pipe', 'exit 3', errors='ignore')
query('pipe', 'exit 3', errors='ignore')
query('lines', 'printf "a\nb\n"')
lookup('file', '/nonexistent/file')
lookup('file', '/nonexistent/file', errors='ignore')
lookup('file', '/nonexistent/file', errors='ignore') | default('x', true)
lookup('nosuchlookup', 1)
lookup('file', nowhere)
lookup('first_found', ['/nonexistent', '/etc/passwd'])
lookup('first_found', ['/nonexistent'], skip=true)
query('first_found', ['/nonexistent'], skip=true)
lookup('first_found', {'files': ['nope', 'passwd'], 'paths': ['/etc']})
lookup('first_found', ['/nonexistent'])
lookup('first_found', files=['passwd'], paths=['/etc'])
lookup('fileglob', '/etc/passw*')
query('fileglob', '/nonexistent/*')
lookup('vars', '{{ "a" }}')
lookup('env', '{{ nowhere }}')
result is changed
result is failed
result is succeeded
result is success
result is not failed
result is skipped
skipped is skipped
looped is changed
result is reachable
result is unreachable
{'finished': 1} is finished
{'finished': 0} is finished
result is finished
result is started
a is failed
a is changed
{'timedout': {'period': 3}} is timedout
result is timedout
a is match('h')
a is match('i')
a is search('i')
a is regex('^h.$')
'HI' is match('hi', ignorecase=true)
'x\nhi' is search('^hi', multiline=true)
'hi' is regex('hi', match_type='fullmatch')
n is match('7')
'1.2.3' is version('1.2', '>')
'1.2.3' is version('1.10', '<')
'1.2.3' is version('1.2.3')
'1.2' is version('1.2.0', 'eq')
'1.2.0' is version('1.2', 'eq', strict=true)
'1.0.0-alpha' is version('1.0.0', '<', version_type='semver')
'1.0.0-alpha.1' is version('1.0.0-alpha.beta', 'lt', version_type='semver')
'1.0.0+build' is version('1.0.0', 'eq', version_type='semver')
'1.0' is version('1.0.0', version_type='semver')
'1.0rc1' is version('1.0', '<', version_type='pep440')
'1.2.3' is version('1', 'bogus')
'1.2.3' is version('1', version_type='bogus')
'' is version('1')
'1' is version('')
'1.2b' is version('1.2.3', '<')
'1.2b2' is version('1.2b10', '<')
f is version('2.4', '>')
'1.2' is version_compare('1.1', '>=')
[1, 2] is subset([1, 2, 3])
[1, 2] is superset([1])
[1, 2] is issubset([1])
[1, 2] is contains(2)
a is contains('h')
[true, true] is all
[true, false] is all
[0, 1] is any
'' is truthy
'no' is truthy
'no' is truthy(convert_bool=true)
'yes' is falsy(convert_bool=true)
'banana' is truthy(convert_bool=true)
0 is falsy
'/etc' is directory
'/etc/passwd' is file
'/nope' is exists
'/etc' is exists
'/etc' is abs
'etc' is abs
'/' is mount
'/etc' is same_file('/etc')
'/etc' is link
'/etc/passwd' is vaulted_file
'/nope' is vaulted_file
('inf' | float) is nan
('nan' | float) is nan
'x' is nan
url is url
'x' is url
'urn:isbn:1' is urn
'file:///x' is url
url is url(['https'])
'x' is uri
n is uri
a is vault_encrypted
a is string
n is number
n is integer
f is float
t is boolean
nil is none
words is iterable
words is sequence
d is mapping
d is sequence
a is sameas a
n is divisibleby 7
n is odd
n is even
'abc' is lower
'abc' is eq 'abc'
3 is in [1, 3]
a is nosuchtest
a | nosuchfilter
a | ansible.builtin.upper
a | ansible.builtin.b64encode
a is ansible.builtin.match('h')
a is ansible.builtin.defined
a | ansible.legacy.b64encode
words[1:]
words[::-1]
words[:2] + ['x']
words + numbers
[1] * 3
words == words
words | list == words
d == d
people[0] == {'name': 'ann', 'age': 30, 'langs': ['de', 'fr'], 'on': True}
words.index('apple')
words.append('x')
words | first | upper
words | indent
multi | indent(4)
multi | trim
multi.splitlines()
multi | wordcount
'a<b' | escape
'<b>x</b>' | striptags
'x' | center(5)
'hello world' | title
'hello world' | truncate(6)
'hello world' | wordwrap(6)
'hello' | replace('l', 'L')
'abc' | tojson
d | xmlattr
d | pprint
1234567 | filesizeformat
numbers | attr('x')
d | attr('a')
'hi' | string
[3, 1] | sort | string
d | string
t | string
1 if t else 2
1 < n < 10
n == '7'
n | string == '7'
1 | int & 3
5.__and__(3)
(1).__class__
"{{ a }}"
"x{{ '{{' }}y"
"""

TEMPLATES = [
    "plain",
    "",
    " ",
    "{{ a }} and {{ n }}",
    "{{ a }}{{ a }}",
    "{{ n }}{{ n }}",
    "{{ n }} ",
    " {{ n }}",
    "{{ n }}\n",
    "{{ a }}\n\n",
    "{{ nil }}",
    "x{{ nil }}y",
    "{{ nil }}{{ nil }}",
    "{{ nil }}{{ n }}",
    "{{ d }} {{ words }}",
    "{{ t }} {{ no }} {{ f }}",
    "{{ omit }}x",
    "{{ ghost }}x",
    "x {{ nowhere }} {{ nowhere2 }}",
    "{% if t %}yes{% endif %}",
    "{% if no %}yes{% endif %}",
    "{% if no %}yes{% endif %}\n",
    "{% for w in words %}{{ w }}\n{% endfor %}",
    "{% for w in words -%}{{ w }},{%- endfor %}",
    "{% for p in people %}{{ loop.index }}:{{ p.name }}{% if not loop.last %};{% endif %}{% endfor %}",
    "{% for k, v in d.items() %}{{ k }}={{ v }} {% endfor %}",
    "{% for x in nowhere %}{{ x }}{% endfor %}",
    "{% for x in [] %}{{ x }}{% else %}none{% endfor %}",
    "{% set x = 3 %}{{ x }}",
    "{% set x = d.c %}{{ x.deep }}",
    "{% set x %}block {{ a }}{% endset %}{{ x }}",
    "{% set ns = namespace(t=0) %}{% for i in numbers %}{% set ns.t = ns.t + i %}{% endfor %}{{ ns.t }}",
    "{% macro m(x, y=2) %}{{ x }}-{{ y }}{% endmacro %}{{ m(1) }} {{ m(1, y=3) }}",
    "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(5) }}",
    "{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}in{% endcall %}",
    "{% raw %}{{ a }}{% endraw %}",
    "{# comment #}x",
    "{# comment #}",
    "{% filter upper %}abc{% endfilter %}",
    "{% with x = 1 %}{{ x }}{% endwith %}",
    "{%- if t -%} trimmed {%- endif -%}",
    "{{ 'a\\nb' }}",
    "{{ 'a\\tb' ~ \"c\\\\d\" }}",
    "{% set x = 'a\\nb' %}{{ x }}",
    "{{ '{{ a }}' }}",
    "{{ a",
    "{{ a }",
    "{% if %}",
    "{% endif %}",
    "{{ a | }}",
    "{{ 'unclosed }}",
    "{% bogus %}",
    "{{ [1,2,3][5] }}",
    "{{ }}",
    "#jinja2: variable_start_string:'[[', variable_end_string:']]'\n[[ a ]] {{ a }}",
    "#jinja2: trim_blocks:False\n{% if t %}\nx\n{% endif %}\n",
    "#jinja2: bogus:1\nx",
    "#jinja2: trim_blocks:False",
    "{{ loop_a }}",
    "{{ words.append('z') }}{{ words | length }}",
    "{% do words.append(1) %}",
    "{{ a }}:{{ chain }}:{{ d.b }}",
    "{{ people | map(attribute='name') | join(' ') }}!",
    "{{ [a, n, d.b] }}",
    "{{ {'k': a, 'l': [n]} }}",
    "{{ {a: n} }}",
    "[1, 2]",
    "{{ '[1, 2]' }}",
    "{{ '{\"a\": 1}' }}",
    "true",
    "{{ 'true' }}",
    "{{ (words, numbers) }}",
    "{{ 1_000 }}",
    "{{ 0x10 }}",
    "{{ 1e3 }}",
]

CONDITIONS = [
    True,
    False,
    None,
    "",
    " ",
    1,
    0,
    [],
    ["t"],
    "t",
    "no",
    " t ",
    "true",
    "false",
    "n == 7",
    "n",
    "a",
    "words",
    "words | length",
    "words | length > 0",
    "nil",
    "not nil",
    "a == 'hi'",
    "a != 'hi' or t",
    "nowhere",
    "nowhere is defined",
    "nowhere is not defined or nowhere == 1",
    "nowhere == 1",
    "nowhere | default(false)",
    "nowhere | default('x')",
    "result is changed",
    "result.rc == 0 and result is not failed",
    "'two' in result.stdout_lines",
    "{{ t }}",
    "{{ n == 7 }}",
    "{{ cond }}",
    "{{ a }}",
    "{{ n }}",
    "{{ 'n == 7' }}",
    "{{ 'n' ~ ' == 7' }}",
    "{{ nil }}",
    "{{ nowhere }}",
    "{% if t %}true{% endif %}",
    "n == {{ n }}",
    "'{{ n }}' == '7'",
    "'{{ a }}' == 'hi'",
    "a is match('^h\\w$')",
    "a is match('^h\\\\w$')",
    "'a\\tb' | length == 3",
    "n ==",
    "n = 7",
    "bogus(",
    "1 in numbers",
    "d.a == 1 and d.c.deep == 8",
    "people | selectattr('on') | list | length == 2",
    "t | bool",
    "'yes' | bool",
    "a is version('1', '>')",
    "'1.2' is version('1', '>')",
    "broken",
    "broken is defined",
    "omit is defined",
]
