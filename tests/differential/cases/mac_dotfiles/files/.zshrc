setopt autocd
