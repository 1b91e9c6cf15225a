"""Manual pages, one a command, from what `pvescout --experimental-dump-help` prints.

    pvescout --experimental-dump-help | man_pages.py --version V --date YYYY-MM-DD FOLDER
"""

import argparse
import json
import pathlib
import sys


def escaped(text):
    """Text as roff shows it: a backslash, a dash, and a dot or an apostrophe at the start of a line are its own."""
    text = text.replace('\\', '\\e').replace('-', '\\-')
    return '\n'.join('\\&' + line if line[:1] in ('.', "'") else line for line in text.split('\n'))


def name_of(name):
    return ('--' if name['kind'] == 'long' else '-') + name['name']


def tag(argument):
    """How an argument is written on the command line."""
    value = '\\fI%s\\fR' % escaped(argument.get('valueName', 'value'))
    if argument['kind'] == 'positional':
        return value
    # The short name first, as everywhere in section 1.
    names = sorted(argument['names'], key=lambda name: name['kind'] == 'long')
    written = ', '.join('\\fB%s\\fR' % escaped(name_of(name)) for name in names)
    return written if argument['kind'] == 'flag' else '%s %s' % (written, value)


def in_synopsis(argument):
    text = tag({**argument, 'names': [argument['preferredName']]} if argument['kind'] != 'positional' else argument)
    if argument['isRepeating']:
        text += ' ...'
    return '[%s]' % text if argument['isOptional'] else text


def arguments_of(command):
    return [argument for argument in command.get('arguments', []) if argument.get('shouldDisplay', True)]


def commands_of(command):
    return [each for each in command.get('subcommands', []) if each.get('shouldDisplay', True) and each['commandName'] != 'help']


def described(argument):
    parts = [argument.get('abstract', ''), argument.get('discussion', '')]
    values = argument.get('allValues')
    if values:
        parts.append('One of: %s.' % ', '.join(values))
    if argument.get('defaultValue') not in (None, ''):
        parts.append('Default: %s.' % argument['defaultValue'])
    return ' '.join(part for part in parts if part)


def page(path, command, parents, options):
    title = '-'.join(path)
    lines = [
        '.TH %s 1 "%s" "pvescout %s" "pvescout manual"' % (escaped(title).upper(), options.date, options.version),
        '.SH NAME', '%s \\- %s' % (escaped(title), escaped(command['abstract'].rstrip('.').split('\n')[0])),
        '.SH SYNOPSIS', '.nh', '\\fB%s\\fR %s' % (
            escaped(' '.join(path)),
            ' '.join(in_synopsis(each) for each in arguments_of(command))), '.hy',
    ]
    if commands_of(command):
        lines += ['.br', '\\fB%s\\fR \\fIcommand\\fR [\\fIargument\\fR ...]' % escaped(' '.join(path))]
    lines += ['.SH DESCRIPTION', escaped(command['abstract'])]
    if command.get('discussion'):
        lines += ['.PP', escaped(command['discussion'])]
    if commands_of(command):
        lines.append('.SH COMMANDS')
        for each in commands_of(command):
            lines += ['.TP', '\\fB%s\\fR(1)' % escaped('-'.join(path + [each['commandName']])), escaped(each['abstract'])]
    if arguments_of(command):
        lines.append('.SH OPTIONS')
        for each in arguments_of(command):
            lines += ['.TP', tag(each), escaped(described(each)) or '\\&']
    if not parents:
        lines += [
            '.SH FILES',
            '.TP', '\\fI/etc/pvescout/pvescout.yml\\fR', 'The configuration of the agent.',
            '.TP', '\\fI/var/lib/pvescout\\fR', 'What the agent remembers over a restart.',
            '.TP', '\\fI/run/pvescout/pvescout.sock\\fR', 'The socket of the agent.',
            '.TP', '\\fI/usr/share/doc/pvescout\\fR', 'Examples, and the manual as Markdown.',
            '.SH ENVIRONMENT',
            '.TP', '\\fBPVESCOUT_SOCKET\\fR', 'The socket to ask, unless \\fB\\-\\-socket\\fR names one.',
        ]
    related = parents + [path + [each['commandName']] for each in commands_of(command)]
    if related:
        lines += ['.SH SEE ALSO', ', '.join('\\fB%s\\fR(1)' % escaped('-'.join(each)) for each in related)]
    return '\n'.join(lines) + '\n'


def write(path, command, parents, options):
    (options.folder / ('-'.join(path) + '.1')).write_text(page(path, command, parents, options))
    for each in commands_of(command):
        write(path + [each['commandName']], each, parents + [path], options)


def main():
    parser = argparse.ArgumentParser(description='Manual pages from a dump of the help.')
    parser.add_argument('--version', required=True)
    parser.add_argument('--date', required=True)
    parser.add_argument('folder', type=pathlib.Path)
    options = parser.parse_args()
    command = json.load(sys.stdin)['command']
    write([command['commandName']], command, [], options)


if __name__ == '__main__':
    main()
