# Prints as JSON where values with given fingerprints stand in the files below some places, and what could not be seen.
#
# stdin: the HMAC key; the wanted FINGERPRINT:LENGTH, separated by blanks; seconds at most; then places, one a line. The
# place `processes` is the command lines of all processes. Every stretch of LENGTH characters inside a run of letters,
# digits, _ and - is fingerprinted: values are found glued to their neighbours, too, as in databases.
use strict;
use warnings;
use Digest::SHA qw(hmac_sha256_hex);
use Errno qw(ENOENT);
use File::Find;
use JSON::PP;

use constant { PIECE => 1 << 20, LONGEST => 4096 };    # longer runs are pictures and programs in base64

chomp(my ($key, $wanted, $limit_s) = map { scalar <STDIN> } 1 .. 3);
chomp(my @places = <STDIN>);
my %wanted;
$wanted{(split /:/)[1]}{(split /:/)[0]} = 1 for split / /, $wanted;
my ($least) = sort { $a <=> $b } keys %wanted;
my ($began, $looked, $late, $runs_left) = (time, 0, 0, 0);
my (%found, @unseen);

$SIG{__WARN__} = sub { push @unseen, ['a folder', $_[0] =~ s/ at .*//sr] };    # what File::Find could not enter

sub judge {
	my ($run, $where) = @_;
	if (length $run > LONGEST) { $runs_left++; return }
	for my $length (keys %wanted) {
		for my $at (0 .. length($run) - $length) {
			my $print = substr hmac_sha256_hex(substr($run, $at, $length), $key), 0, 12;
			$found{$where}{"$print:$length"} = 1 if $wanted{$length}{$print};
		}
	}
}

sub look {
	my ($handle, $where) = @_;
	my $rest = '';
	while (read $handle, my $piece, PIECE) {
		if (time - $began > $limit_s) { $late++; return }
		my $text = $rest . $piece;
		my $kept = 0;
		$kept++ while $kept < 2 * LONGEST && $kept < length $text && substr($text, -1 - $kept, 1) =~ /[A-Za-z0-9_-]/;
		$rest = $kept ? substr $text, -$kept : '';
		substr($text, -$kept) = '' if $kept;
		judge($1, $where) while $text =~ /([A-Za-z0-9_-]{$least,})/g;
	}
	judge($rest, $where) if length $rest >= $least;
	$looked++;
}

sub opened {
	my ($path) = @_;
	open my $file, '<:raw', $path or return;
	read $file, my $head, 8;
	my @through = ($head // '') =~ /^\x1f\x8b/ ? ('gzip', '-dc') : ($head // '') =~ /^bplist/ ? ('plutil', '-convert', 'xml1', '-o', '-') : ();
	seek $file, 0, 0;
	return $file unless @through;
	close $file;
	open my $pipe, '-|:raw', @through, $path or return;
	return $pipe;
}

sub file {
	my $path = $File::Find::name;
	my @stat = lstat $path;
	unless (@stat) { push @unseen, [$path, "$!"] unless $! == ENOENT; return }
	return if -d _;
	return unless -f _;
	if (time - $began > $limit_s) { $late++; return }
	my $handle = opened($path);
	unless ($handle) { push @unseen, [$path, "$!"]; return }
	look($handle, $path);
	close $handle or push @unseen, [$path, 'it could not be unpacked'];
}

sub processes {
	open my $pipe, '-|', 'ps', '-axww', '-o', 'pid=', '-o', 'command=' or do { push @unseen, ['processes', "$!"]; return };
	while (my $line = <$pipe>) {
		my ($pid) = $line =~ /(\d+)/;
		judge($1, "the command line of process $pid") while $line =~ /([A-Za-z0-9_-]{$least,})/g;
	}
	close $pipe;
	$looked++;
}

for my $place (@places) {
	if ($place eq 'processes') { processes(); next }
	my @there = $place =~ /[*?]/ ? glob(quotemeta_but_stars($place)) : ($place);
	for my $top (grep { -e || -l } @there) {
		find({ wanted => \&file, no_chdir => 1 }, $top);
	}
}

# Blanks and braces in a place are meant as they are; only * and ? stand for others.
sub quotemeta_but_stars {
	(my $text = shift) =~ s/([^\w\/*?.-])/\\$1/g;
	return $text;
}

sub mode_of { my @stat = lstat shift; return @stat ? sprintf '%04o', $stat[2] & 07777 : undef }

my @found = map { my $where = $_; map { { path => $where, search => $_, mode => mode_of($where) } } sort keys %{ $found{$where} } }
	sort keys %found;
print JSON::PP->new->latin1->canonical->encode({
	found => \@found, looked => $looked, late => $late, long => $runs_left,
	unseen => [map { { path => $_->[0], why => $_->[1] } } @unseen],
}), "\n";
