/**
 * A guest in one disk sector that does what real guests do first: protected mode, page tables, long mode, SSE. It then tells
 * QEMU's isa-debug-exit so. A KVM that emulates in part runs real-mode code well and dies at exactly these. GNU as:
 *
 *     .code16                                   lgdt  gdtr
 *     cli                                       movl  $0x80000003, %eax    # PG, MP, PE
 *     xorw  %ax, %ax                            movl  %eax, %cr0
 *     movw  %ax, %ds; %es; %ss                  ljmp  $8, $long
 *     cld                                       .code64
 *     movw  $0x1000, %di                  long: movl  $100000, %ecx
 *     movw  $0xc00, %cx                   1:    pinsrw $1, %ecx, %xmm0
 *     xorl  %eax, %eax                          paddd %xmm0, %xmm1
 *     rep stosl            # 3 empty tables     loop  1b
 *     movl  $0x2003, 0x1000                     movw  $0x501, %dx
 *     movl  $0x3003, 0x2000                     movb  $0x10, %al
 *     movl  $0x83, 0x3000  # one 2 MiB page     outb  %al, %dx
 *     movl  $0x1000, %eax                 2:    hlt
 *     movl  %eax, %cr3                          jmp   2b
 *     movl  $0x620, %eax   # PAE, SSE           .balign 8
 *     movl  %eax, %cr4                    gdt:  .quad 0, 0x00209a0000000000
 *     movl  $0xc0000080, %ecx             gdtr: .word 15
 *     rdmsr                                     .long gdt
 *     orl   $0x100, %eax   # long mode
 *     wrmsr
 */
const CODE = `+jHAjtiOwI7Q/L8AELkADGYxwGbzq2bHBgAQAyAAAGbHBgAgAzAAAGbHBgAwgwAAAGa4ABAAAA8i2Ga4IAYAAA8i4Ga5gAAAwA8yZg0AAQAADzAPARaQ
fGa4AwAAgA8iwOpmfAgAuaCGAQBmD8TBAWYP/sji9Wa6AQWwEO706/0AAAAAAAAAAAAAAAAAmiAADwCAfAAA`;

const DISK_SIZE = 1024 * 1024;

/** The guest's disk: boot with -drive format=raw and {@link REPORT_DEVICE}. */
export function probeDisk(): Uint8Array {
	const disk = Buffer.alloc(DISK_SIZE);
	Buffer.from(CODE, "base64").copy(disk);
	disk.set([0x55, 0xaa], 510);
	return disk;
}

/** Where the guest reports. */
export const REPORT_DEVICE = "isa-debug-exit,iobase=0x501,iosize=4";

/** QEMU's exit code once the guest has run: it wrote 0x10, which isa-debug-exit makes (value << 1) | 1. */
export const REPORTED = 0x21;
