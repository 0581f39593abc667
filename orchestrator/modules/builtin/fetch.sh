# where: the directory in which relative names are looked for. Needs the prelude.
where() {
	say directory "$(pwd)"
}
