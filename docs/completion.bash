# bash completion for foregone. Written by docs/generate.py from the command's own tables.
_foregone()
{
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} options parts i
    if [ "$COMP_CWORD" = 1 ]; then
        COMPREPLY=($(compgen -W 'run tail status thaw top report explain replay study forecast serve read formats families --help --version' -- "$word"))
        return
    fi
    for ((i = 2; i < COMP_CWORD; i++)); do
        if [ "${COMP_WORDS[i]}" = -- ]; then
            if [ "$before" = -- ]; then COMPREPLY=($(compgen -c -- "$word")); else COMPREPLY=($(compgen -f -- "$word")); fi
            return
        fi
    done
    [ "$before" = --goal ] && { COMPREPLY=($(compgen -W 'min max' -- "$word")); return; }
    case ${COMP_WORDS[1]} in
        run) options='--study --trial --metric --goal --horizon --delta --target --keep --tolerance --min-delta --worth --learn-from --dry-run --grace --stop-exit-code --metric-regex --x-regex --checkpoint-glob --resume-arg --from-checkpoint --store --price --hours --quiet --stop-when-converged --thaw --help' parts='' ;;
        tail) options='--study --trial --metric --goal --horizon --delta --target --keep --tolerance --min-delta --worth --learn-from --dry-run --stop-exit-code --metric-regex --x-regex --store --price --hours --mkfifo --quiet --stop-when-converged --help' parts='' ;;
        status) options='--study --store --price --json --help' parts='' ;;
        thaw) options='--checkpoint-glob --resume-arg --run --store --price --json --help' parts='' ;;
        top) options='--study --store --price --help' parts='' ;;
        report) options='--study --store --price -o --export --help' parts='' ;;
        explain) options='--store --at --svg --json --help' parts='' ;;
        replay) options='--metric --goal --horizon --delta --target --keep --tolerance --min-delta --worth --metric-regex --x-regex --store --price --hours --trials --workers --orders --seed --svg --stop-when-converged --json --help' parts='' ;;
        study) options='--metric --goal --horizon --delta --target --keep --tolerance --min-delta --worth --learn-from --metric-regex --x-regex --store --price --hours --only --undo --json --help' parts='list show export import set forget good' ;;
        forecast) options='--study --trial --metric --goal --horizon --metric-regex --x-regex --batch --json --help' parts='' ;;
        serve) options='--study --metric --goal --horizon --delta --target --keep --tolerance --min-delta --worth --store --price --hours --stdio --socket --stop-when-converged --thaw --help' parts='' ;;
        read) options='--metric-regex --x-regex --json --help' parts='' ;;
        formats) options='--help' parts='' ;;
        families) options='--help' parts='' ;;
    esac
    case $word in
        -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
        *) if [ "$COMP_CWORD" = 2 ] && [ "$parts" ]; then COMPREPLY=($(compgen -W "$parts" -- "$word")); return; fi
           COMPREPLY=($(compgen -f -- "$word")) ;;
    esac
}
complete -o filenames -F _foregone foregone
